/* The frame around the sparse coders, with the smallest solver in it: maxima against plain f64 loops, records against the returned codes,
 * metric and duals, starts, streaming, certificates of recovery against closed forms and dense algebra, bad input. */
#include <atoms/atoms.h>
#include <math.h>

#include "base/random.h"
#include "counting_memory.h"
#include "largest_atom.h"
#include "suite.h"

static double *normals(int64_t n, uint64_t seed)
{
    double *x = malloc((size_t)n * sizeof *x);
    for (int64_t i = 0; i < n; i++) x[i] = base_random_normal(seed, BASE_STREAM_TEST, (uint64_t)i);
    return x;
}

static atoms_dictionary *dictionary_of(atoms_context *context, const double *d, int64_t atoms, int64_t dim, const atoms_metric *metric)
{
    atoms_dictionary *dictionary;
    atoms_matrix m = atoms_matrix_f64(d, atoms, dim);
    ck_assert_ok(atoms_dictionary_create(context, &m, metric, &dictionary));
    return dictionary;
}

static atomsi_coding_work *work_of(const atomsi_coder *coder, int64_t rows, void **memory)
{
    size_t bytes;
    atomsi_coding_work *work;
    ck_assert_ok(atomsi_coding_work_size(coder, rows, &bytes));
    *memory = malloc(bytes);
    ck_assert_ok(atomsi_coding_work_init(coder, *memory, bytes, &work));
    return work;
}

static double dot(int64_t n, const double *x, const double *y)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += x[i] * y[i];
    return sum;
}

/* One maximum by its definition. */
static double by_definition(const atomsi_coder *coder, const atomsi_piece *piece, const atomsi_maximum *m, int64_t r)
{
    double best = -INFINITY;
    for (int64_t j = 0; j < coder->atoms; j++) {
        double c = dot(coder->dim, coder->dictionary->unit + j * coder->dim, piece->residual + r * coder->dim);
        bool inside = false;
        for (int64_t e = r * coder->capacity; e < r * coder->capacity + piece->count[r]; e++)
            inside = inside || piece->index[e] == j;
        if (m->outside && inside) continue;
        best = fmax(best, (m->slope ? m->slope[j] : 1) * (m->one_sided ? c : fabs(c)));
    }
    return best;
}

/* Every kind of maximum on random atoms with near ties (pairs that differ by 1e-9), which f32 alone cannot tell apart. */
START_TEST(maxima_are_those_of_plain_f64_loops)
{
    enum { ATOMS = 333, DIM = 48, ROWS = 5, TAKE = 7 };
    atoms_context *context = counting_context(&(counting_memory){0}, 1);
    double *d = normals(ATOMS * DIM, 1), *x = normals(ROWS * DIM, 2), slope[ATOMS];
    for (int64_t j = 1; j < ATOMS; j += 2)
        for (int64_t i = 0; i < DIM; i++) d[j * DIM + i] = d[(j - 1) * DIM + i] + 1e-9 * d[j * DIM + i];
    for (int64_t j = 0; j < ATOMS; j++) slope[j] = .5 + (double)(j % 7);
    atoms_dictionary *dictionary = dictionary_of(context, d, ATOMS, DIM, NULL);
    atomsi_coder coder;
    largest_atom_init(&coder, context, dictionary, TAKE, ROWS);
    float correlations[ROWS * ATOMS], residual32[ROWS * DIM];
    int64_t count[ROWS] = {0, 1, 3, 7, 7};
    int32_t index[ROWS * TAKE];
    double value[ROWS * TAKE], at_support[ROWS * TAKE];
    for (int e = 0; e < ROWS * TAKE; e++) index[e] = 40 * (e % TAKE) + e / TAKE, value[e] = .1 * (e % 4) - .15;
    atomsi_piece piece = {.rows = ROWS, .correlations = correlations, .residual32 = residual32, .count = count, .index = index, .value = value,
                          .at_support = at_support, .residual = x};
    int compared = 0;
    for (int kind = 0; kind < 8; kind++) {
        atomsi_maximum m = {.slope = kind & 1 ? slope : NULL, .one_sided = (kind & 2) != 0, .outside = (kind & 4) != 0};
        atomsi_maximum both[2] = {{.one_sided = 0}, m};
        double found[2 * ROWS];
        atomsi_find_maxima(&coder, &piece, 2, both, found);
        for (int64_t r = 0; r < ROWS; r++, compared++) {
            ck_assert_near(found[r], by_definition(&coder, &piece, both, r), 1e-14);
            ck_assert_near(found[ROWS + r], by_definition(&coder, &piece, &m, r), 1e-14);
        }
    }
    ck_assert_int_eq(compared, 8 * ROWS);
    atomsi_coder_release(&coder);
    atoms_dictionary_destroy(dictionary);
    atoms_context_destroy(context);
    free(d), free(x);
}
END_TEST

/* Gram matrix over several tiles, against f64. */
START_TEST(gram_matrix_is_symmetric_and_right)
{
    enum { ATOMS = 1600, DIM = 9 };
    for (int32_t threads = 1; threads <= 2; threads++) {
        atoms_context *context = counting_context(&(counting_memory){0}, threads);
        double *d = normals(ATOMS * DIM, 3);
        atoms_dictionary *dictionary = dictionary_of(context, d, ATOMS, DIM, NULL);
        atomsi_coder coder;
        float *gram;
        largest_atom_init(&coder, context, dictionary, 1, 1);
        ck_assert(atomsi_gram_fits(&coder, ATOMS * ATOMS * 4) && !atomsi_gram_fits(&coder, ATOMS * ATOMS * 4 - 1));
        ck_assert_ok(atomsi_gram_create(&coder, &gram));
        for (int64_t i = 0; i < ATOMS; i += 13)
            for (int64_t j = 0; j < ATOMS; j++) {
                ck_assert(gram[i * ATOMS + j] == gram[j * ATOMS + i]);
                ck_assert(fabs(gram[i * ATOMS + j] - dot(DIM, dictionary->unit + i * DIM, dictionary->unit + j * DIM)) < 1e-6);
            }
        coder.atoms = INT64_MAX / 2;
        ck_assert(!atomsi_gram_fits(&coder, INT64_MAX));
        coder.atoms = ATOMS;
        atomsi_free(context, gram);
        atomsi_coder_release(&coder);
        atoms_dictionary_destroy(dictionary);
        atoms_context_destroy(context);
        free(d);
    }
}
END_TEST

/* What the record says is computed again from x, the atoms and the code alone, with atoms of any length, and under a metric. */
static void check_records(int with_metric)
{
    enum { ATOMS = 60, DIM = 12, ROWS = 11, TAKE = 3 };
    atoms_context *context = counting_context(&(counting_memory){0}, 1);
    double *d = normals(ATOMS * DIM, 4), *x = normals(ROWS * DIM, 5), *k = normals(200 * DIM, 6);
    for (int64_t i = 0; i < ATOMS * DIM; i++) d[i] *= exp((double)(i / DIM % 9) - 4);
    atoms_metric *metric = NULL;
    atoms_moments *moments;
    atoms_matrix rows = atoms_matrix_f64(k, 200, DIM), signals = atoms_matrix_f64(x, ROWS, DIM), dual;
    ck_assert_ok(atoms_moments_create(context, DIM, &moments));
    ck_assert_ok(atoms_moments_add(moments, &rows));
    if (with_metric) ck_assert_ok(atoms_metric_from_moments(context, moments, NULL, &metric));
    atoms_dictionary *dictionary = dictionary_of(context, d, ATOMS, DIM, metric);
    atomsi_coder coder;
    void *memory;
    largest_atom_init(&coder, context, dictionary, TAKE, 4);
    atomsi_coding_work *work = work_of(&coder, ROWS, &memory);
    atoms_codes_view codes;
    atoms_code_record records[ROWS];
    ck_assert_ok(atomsi_coding_batch(&coder, work, &signals, NULL, &codes, records));
    ck_assert_ok(atomsi_coding_dual(&coder, work, &dual));
    ck_assert(codes.rows == ROWS && codes.width == ATOMS && codes.nnz == ROWS * TAKE && dual.rows == ROWS && dual.cols == DIM);
    for (int64_t r = 0; r < ROWS; r++) {
        double residual[DIM], norm, length, largest = 0;
        memcpy(residual, x + r * DIM, sizeof residual);
        for (int64_t e = codes.offset[r]; e < codes.offset[r + 1]; e++) {
            ck_assert(e == codes.offset[r] || codes.index[e] > codes.index[e - 1]);
            for (int i = 0; i < DIM; i++) residual[i] -= (double)codes.value[e] * d[codes.index[e] * DIM + i];
        }
        for (int64_t j = 0; j < ATOMS; j++) {
            double c = fabs(dot(DIM, d + j * DIM, (const double *)dual.data + r * DIM)), w = sqrt(dot(DIM, d + j * DIM, d + j * DIM));
            if (metric) ck_assert_ok(atoms_metric_norms(metric, &(atoms_matrix){d + j * DIM, 1, DIM, DIM, ATOMS_F64, 0}, &w));
            largest = fmax(largest, c / w);
        }
        norm = sqrt(dot(DIM, x + r * DIM, x + r * DIM)), length = sqrt(dot(DIM, residual, residual));
        if (metric) {
            ck_assert_ok(atoms_metric_norms(metric, &(atoms_matrix){x + r * DIM, 1, DIM, DIM, ATOMS_F64, 0}, &norm));
            ck_assert_ok(atoms_metric_norms(metric, &(atoms_matrix){residual, 1, DIM, DIM, ATOMS_F64, 0}, &length));
        }
        ck_assert_near(records[r].norm, norm, 1e-12);
        ck_assert_near(records[r].residual, length, 1e-12);
        ck_assert_near(records[r].kkt * norm, largest, 1e-12); /* the dual is the residual, and plain products with it are the metric's */
        ck_assert_int_eq(records[r].support, TAKE);
        ck_assert(isnan(records[r].gap) && isnan(records[r].fuchs) && records[r].flags == 0);
    }
    free(memory), free(d), free(x), free(k);
    atomsi_coder_release(&coder);
    atoms_dictionary_destroy(dictionary);
    atoms_metric_destroy(metric);
    atoms_moments_destroy(moments);
    atoms_context_destroy(context);
}

START_TEST(records_can_be_computed_again)
{
    check_records(0);
    check_records(1);
}
END_TEST

/* A path starts each code from the one before (this solver doubles it); a batch starts from the given codes. */
START_TEST(codes_start_from_what_they_are_given)
{
    enum { ATOMS = 9, DIM = 4 };
    counting_memory counting = {0};
    atoms_context *context = counting_context(&counting, 1);
    double *d = normals(ATOMS * DIM, 7), x[2 * DIM] = {1, 2, 3, 4, 0, 0, 0, 0};
    atoms_dictionary *dictionary = dictionary_of(context, d, ATOMS, DIM, NULL);
    atomsi_coder coder;
    void *memory;
    largest_atom_init(&coder, context, dictionary, 2, 4);
    atomsi_coding_work *work = work_of(&coder, 6, &memory);
    atoms_codes_view codes;
    atoms_code_record records[6];
    double lambdas[6] = {6, 5, 4, 3, 2, 1};
    atoms_matrix one = atoms_matrix_f64(x, 1, DIM), two = atoms_matrix_f64(x, 2, DIM);
    int64_t before = counting.requests;
    ck_assert_ok(atomsi_coding_path(&coder, work, &one, lambdas, 6, &codes, records));
    for (int i = 1; i < 6; i++) {
        ck_assert(codes.index[2 * i] == codes.index[0] && codes.value[2 * i] == 2 * codes.value[2 * i - 2]);
        ck_assert(records[i].lambda == lambdas[i] && records[i].iterations == 2);
    }
    int64_t offset[3] = {0, 2, 3};
    int32_t index[3] = {3, 8, 5};
    float value[3] = {1.5f, -2, 7};
    atoms_codes_view start = {2, ATOMS, 3, offset, index, value};
    ck_assert_ok(atomsi_coding_batch(&coder, work, &two, &start, &codes, records));
    ck_assert(codes.nnz == 2 && codes.index[0] == 3 && codes.index[1] == 8 && codes.value[0] == 3.0f && codes.value[1] == -4.0f);
    ck_assert(records[1].flags == ATOMS_CODE_ZERO_SIGNAL && records[1].status == ATOMS_CODE_CONVERGED && records[1].gap == 0);
    ck_assert_int_eq(counting.requests, before);
    start.rows = 1, start.nnz = 2;
    ck_assert_status(atomsi_coding_batch(&coder, work, &two, &start, &codes, records), ATOMS_E_SHAPE);
    ck_assert_detail(context, "start has 1 rows over 9 atoms, not 2 over 9");
    ck_assert_status(atomsi_coding_path(&coder, work, &two, lambdas, 6, &codes, records), ATOMS_E_SHAPE);
    atoms_matrix none = atoms_matrix_f64(NULL, 0, DIM);
    ck_assert_ok(atomsi_coding_batch(&coder, work, &none, NULL, &codes, records));
    ck_assert(codes.rows == 0 && codes.nnz == 0);
    free(memory), free(d);
    atomsi_coder_release(&coder);
    atoms_dictionary_destroy(dictionary);
    atoms_context_destroy(context);
    ck_assert_int_eq(counting.held, 0);
}
END_TEST

/* Several blocks, more entries than a work's usual room, 1 to 4 threads: the same codes, records and duals. */
START_TEST(a_run_has_the_same_bits_for_any_number_of_threads)
{
    enum { ATOMS = 1100, DIM = 8, ROWS = 2500 };
    double *d = normals(ATOMS * DIM, 8), *x = normals(ROWS * DIM, 9), *dual[4];
    atoms_code_record *records[4];
    atoms_codes *codes[4];
    atoms_context *contexts[4];
    atoms_dictionary *dictionaries[4];
    counting_memory memories[4] = {0}; /* they outlive the contexts */
    for (int t = 0; t < 4; t++) {
        atomsi_coder coder;
        atoms_rows *rows;
        atoms_matrix signals = atoms_matrix_f64(x, ROWS, DIM), duals;
        contexts[t] = counting_context(memories + t, t + 1);
        dictionaries[t] = dictionary_of(contexts[t], d, ATOMS, DIM, NULL);
        largest_atom_init(&coder, contexts[t], dictionaries[t], t == 3 ? 1100 : 3, 64); /* 1100 entries a row do not fit for a whole block */
        ck_assert_ok(atoms_rows_from_matrix(contexts[t], &signals, &rows));
        if (t == 3) {
            atoms_rows *all = rows;
            ck_assert_ok(atoms_rows_first(contexts[t], all, 40, &rows));
            ck_assert_ok(atoms_codes_create(contexts[t], ATOMS, &codes[t]));
            ck_assert_ok(atomsi_coding_run(&coder, rows, codes[t], NULL, NULL));
            atoms_codes_view view;
            ck_assert_ok(atoms_codes_look(codes[t], &view));
            ck_assert_int_eq(view.rows, 40);
            ck_assert(view.nnz > 40 * 1090);
            atoms_rows_destroy(rows), atoms_rows_destroy(all), atomsi_coder_release(&coder);
            dual[t] = NULL, records[t] = NULL;
            continue;
        }
        dual[t] = malloc(ROWS * DIM * sizeof(double)), records[t] = malloc(ROWS * sizeof(atoms_code_record));
        duals = atoms_matrix_f64(dual[t], ROWS, DIM);
        ck_assert_ok(atoms_codes_create(contexts[t], ATOMS, &codes[t]));
        ck_assert_ok(atomsi_coding_run(&coder, rows, codes[t], records[t], &duals));
        atoms_codes_view a, b;
        ck_assert_ok(atoms_codes_look(codes[0], &a));
        ck_assert_ok(atoms_codes_look(codes[t], &b));
        ck_assert(a.nnz == ROWS * 3 && b.nnz == a.nnz && !memcmp(a.index, b.index, (size_t)a.nnz * 4) && !memcmp(a.value, b.value, (size_t)a.nnz * 4));
        ck_assert(!memcmp(records[0], records[t], ROWS * sizeof(atoms_code_record)) && !memcmp(dual[0], dual[t], ROWS * DIM * sizeof(double)));
        atoms_rows_destroy(rows), atomsi_coder_release(&coder);
    }
    for (int t = 0; t < 4; t++) {
        atoms_codes_destroy(codes[t]), atoms_dictionary_destroy(dictionaries[t]), atoms_context_destroy(contexts[t]);
        free(dual[t]), free(records[t]);
    }
    free(d), free(x);
}
END_TEST

/* [I, H/√m]: |⟨e_i, h_j⟩| = 1/√m, so on K atoms of I the ERC is K/√m; Fuchs' number is |Σ ±1|/√m at its largest. And against dense algebra. */
START_TEST(certificates_of_recovery_have_their_closed_forms)
{
    enum { DIM = 16, ATOMS = 32 };
    atoms_context *context = counting_context(&(counting_memory){0}, 1);
    double d[ATOMS * DIM] = {0}, x[2 * DIM] = {0};
    for (int i = 0; i < DIM; i++) {
        d[i * DIM + i] = 3; /* of length 3: certificates are of unit atoms here, where there are no weights */
        for (int j = 0; j < DIM; j++) d[(DIM + i) * DIM + j] = __builtin_parity((unsigned)(i & j)) ? -.25 : .25;
    }
    x[2] = 5, x[7] = -4, x[11] = 3;  /* three atoms of I */
    for (int i = 0; i < DIM; i++) x[DIM + i] = d[i] + 2 * d[20 * DIM + i]; /* e_0 and h_4, coherent: G = [1 ¼; ¼ 1] */
    x[DIM + 1] += 1e-9;
    atoms_dictionary *dictionary = dictionary_of(context, d, ATOMS, DIM, NULL);
    atomsi_coder coder;
    void *memory;
    largest_atom_init(&coder, context, dictionary, 3, 2);
    coder.certify = ATOMS_CERTIFY_FUCHS | ATOMS_CERTIFY_ERC;
    atoms_matrix signals = atoms_matrix_f64(x, 1, DIM), second = atoms_matrix_f64(x + DIM, 1, DIM);
    atoms_codes_view codes;
    atoms_code_record record;
    atomsi_coding_work *work = work_of(&coder, 2, &memory);
    ck_assert_ok(atomsi_coding_batch(&coder, work, &signals, NULL, &codes, &record));
    ck_assert(codes.nnz == 3 && codes.index[0] == 2 && codes.index[1] == 7 && codes.index[2] == 11);
    ck_assert_near(record.erc, 3 / 4., 1e-13);
    ck_assert_near(record.fuchs, 3 / 4., 1e-13); /* some row of H has the signs + − + on these columns, up to all three at once */
    ck_assert_near(record.min_pivot, 1, 1e-13);
    free(memory);
    coder.capacity = 2;
    work = work_of(&coder, 2, &memory);
    ck_assert_ok(atomsi_coding_batch(&coder, work, &second, NULL, &codes, &record));
    ck_assert(codes.nnz == 2 && codes.index[0] == 0 && codes.index[1] == 20);
    /* G⁻¹ = (16/15)[1 −¼; −¼ 1]. Another e_i: U_Sᵀu = (0, ±¼): ¼·(16/15)(1 + ¼) = 1/3. Another h_j: (¼, 0): the same. */
    ck_assert_near(record.erc, 1 / 3., 1e-13);
    ck_assert_near(record.fuchs, .25 * (16 / 15.) * .75, 1e-13); /* both signs are +: G⁻¹(1, 1) = (16/15)¾(1, 1) */
    ck_assert_near(record.min_pivot, 15 / 16., 1e-13);
    free(memory);
    atomsi_coder_release(&coder);
    atoms_dictionary_destroy(dictionary);
    atoms_context_destroy(context);
}
END_TEST

START_TEST(bad_input_is_refused_with_words)
{
    enum { ATOMS = 9, DIM = 4 };
    atoms_context *context = counting_context(&(counting_memory){0}, 1);
    double *d = normals(ATOMS * DIM, 10), x[2 * DIM] = {1, 2, 3, 4, 5, NAN, 7, 8};
    d[0] = d[1] = d[2] = d[3] = 1e-30;
    atoms_dictionary *dictionary = dictionary_of(context, d, ATOMS, DIM, NULL), *other = dictionary_of(context, d, ATOMS - 1, DIM, NULL);
    atomsi_coder coder, another;
    void *memory;
    largest_atom_init(&coder, context, dictionary, ATOMS, 4);
    largest_atom_init(&another, context, other, 2, 4);
    atomsi_coding_work *work = work_of(&coder, 2, &memory), *none;
    atoms_codes_view codes;
    atoms_matrix two = atoms_matrix_f64(x, 2, DIM), one = atoms_matrix_f64(x, 1, DIM), narrow = atoms_matrix_f64(x, 1, 3), many = atoms_matrix_f64(x, 3, 4);
    ck_assert_status(atomsi_coding_batch(&coder, work, &two, NULL, &codes, NULL), ATOMS_E_NOT_FINITE);
    ck_assert_detail(context, "x: row 1 column 1 is NaN");
    ck_assert_status(atomsi_coding_batch(&coder, work, &narrow, NULL, &codes, NULL), ATOMS_E_SHAPE);
    ck_assert_status(atomsi_coding_batch(&coder, work, &many, NULL, &codes, NULL), ATOMS_E_CAPACITY);
    ck_assert_detail(context, "3 rows, where the work was made for 2");
    ck_assert_status(atomsi_coding_batch(&coder, NULL, &one, NULL, &codes, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atomsi_coding_batch(&coder, work, NULL, NULL, &codes, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atomsi_coding_batch(&coder, work, &one, NULL, NULL, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atomsi_coding_batch(&another, work, &one, NULL, &codes, NULL), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "work was made for another test coder");
    atomsi_coder twin = coder; /* of the same dictionary, but a plan of its own */
    twin.capacity = 2;
    ck_assert_status(atomsi_coding_batch(&twin, work, &one, NULL, &codes, NULL), ATOMS_E_ARGUMENT);
    x[4] = 1e20, x[5] = 6;
    atoms_code_record records[2] = {{.status = 77}, {.status = 78}};
    ck_assert_status(atomsi_coding_batch(&coder, work, &two, NULL, &codes, records), ATOMS_E_NOT_FINITE);
    ck_assert_detail(context, "the code of row 1 is beyond f32");
    ck_assert(records[0].status == 77 && records[1].status == 78);
    x[0] = x[1] = x[2] = x[3] = 1e-60; /* the code is too small for f32, and the record says so */
    ck_assert_ok(atomsi_coding_batch(&coder, work, &one, NULL, &codes, records));
    ck_assert(records[0].status == ATOMS_CODE_STOPPED && records[0].support < ATOMS && near(records[0].norm, 2e-60, 1e-12, 0));
    size_t bytes;
    ck_assert_status(atomsi_coding_work_size(&coder, 0, &bytes), ATOMS_E_ARGUMENT);
    ck_assert_status(atomsi_coding_work_size(&coder, INT64_MAX / 4, &bytes), ATOMS_E_OVERFLOW);
    ck_assert_status(atomsi_coding_work_init(&coder, memory, 100, &none), ATOMS_E_CAPACITY);
    ck_assert_ptr_null(none);
    free(memory), free(d);
    atomsi_coder_release(&coder), atomsi_coder_release(&another);
    atoms_dictionary_destroy(dictionary), atoms_dictionary_destroy(other);
    atoms_context_destroy(context);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_case(suite, "maxima", maxima_are_those_of_plain_f64_loops);
    add_case(suite, "gram", gram_matrix_is_symmetric_and_right);
    add_case(suite, "records", records_can_be_computed_again);
    add_case(suite, "starts", codes_start_from_what_they_are_given);
    add_case(suite, "threads", a_run_has_the_same_bits_for_any_number_of_threads);
    add_case(suite, "recovery", certificates_of_recovery_have_their_closed_forms);
    add_case(suite, "bad input", bad_input_is_refused_with_words);
}

SUITE_MAIN("coding", add_cases)
