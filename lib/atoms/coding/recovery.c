/* Certificates of recovery on a support S (Fuchs 2004; Tropp 2004), in f64. With unit atoms U_S, G = U_Sᵀ U_S = L Lᵀ and weights ŵ:
 *     Fuchs:  max_{j∉S} |u_j·v| / ŵ_j,  v = U_S G⁻¹ (ŵ_S ∘ sign)
 *     ERC:    max_{j∉S} Σ_{i∈S} ŵ_i |(G⁻¹ U_Sᵀ u_j)_i| / ŵ_j
 * Both come from P = U_S G⁻¹ (dim × |S|): v = P (ŵ ∘ sign), and the columns of G⁻¹U_Sᵀ u_j are rows of U P, by one GEMM a tile of atoms. */
#include <math.h>
#include <string.h>

#include "../../linalg/cblas_gate.h"
#include "../../linalg/lapacke_gate.h"
#include "coding_work.h"

enum { TILE = 128 };

typedef struct places {
    double *gram;  /* |S| × |S| */
    double *p;     /* dim × |S| */
    double *tile;  /* TILE × |S| */
    double *found; /* piece_rows */
} places;

/* A support has at most dim independent atoms. */
static int64_t widest(const atomsi_coder *coder)
{
    return base_min_i64(coder->capacity, coder->dim);
}

bool atomsi_recovery_size(const atomsi_coder *coder, int64_t *doubles)
{
    int64_t k = widest(coder), rows;
    return base_add_i64(k, coder->dim + TILE, &rows) && base_mul_i64(rows, k, doubles) && base_add_i64(*doubles, coder->piece_rows, doubles);
}

static places place(const atomsi_coder *coder, double *memory)
{
    int64_t k = widest(coder);
    return (places){memory, memory + k * k, memory + k * k + coder->dim * k, memory + k * k + coder->dim * k + TILE * k};
}

static double weight(const atomsi_coder *coder, int64_t j)
{
    return coder->weights ? coder->weights[j] : 1;
}

/* P of a row's support, and its smallest pivot. false: the support is dependent. */
static bool solve_support(const atomsi_coder *coder, const atomsi_piece *piece, int64_t row, const places *at, double *min_pivot)
{
    int64_t k = piece->count[row], dim = coder->dim;
    const int32_t *index = piece->index + row * coder->capacity;
    if (k > dim) return false;
    for (int64_t i = 0; i < k; i++) {
        const double *unit = coder->dictionary->unit + index[i] * dim;
        for (int64_t c = 0; c < dim; c++) at->p[c * k + i] = unit[c];
    }
    memset(at->gram, 0, (size_t)(k * k) * sizeof *at->gram);
    linalg_dsyrk(k, dim, 1, at->p, k, at->gram, k);
    if (linalg_cholesky(k, at->gram)) return false;
    *min_pivot = INFINITY;
    for (int64_t i = 0; i < k; i++) *min_pivot = fmin(*min_pivot, at->gram[i * k + i] * at->gram[i * k + i]);
    if (!(*min_pivot > (double)dim * 0x1p-50)) return false;
    linalg_dtrsm(true, LINALG_TRANSPOSED, dim, k, at->gram, k, at->p, k);
    linalg_dtrsm(true, LINALG_PLAIN, dim, k, at->gram, k, at->p, k);
    return true;
}

static double exact_recovery(const atomsi_coder *coder, const atomsi_piece *piece, int64_t row, const places *at)
{
    int64_t k = piece->count[row], dim = coder->dim, entry = 0;
    const int32_t *index = piece->index + row * coder->capacity;
    double largest = 0;
    for (int64_t first = 0; first < coder->atoms; first += TILE) {
        int64_t n = base_min_i64(TILE, coder->atoms - first);
        linalg_dgemm(LINALG_PLAIN, LINALG_PLAIN, n, k, dim, 1, coder->dictionary->unit + first * dim, dim, at->p, k, 0, at->tile, k);
        for (int64_t j = first; j < first + n; j++) {
            if (entry < k && index[entry] == j) { /* supports are sorted */
                entry++;
                continue;
            }
            double sum = 0;
            for (int64_t i = 0; i < k; i++) sum += weight(coder, index[i]) * fabs(at->tile[(j - first) * k + i]);
            largest = fmax(largest, sum / weight(coder, j));
        }
    }
    return largest;
}

static void fuchs_vector(const atomsi_coder *coder, const atomsi_piece *piece, int64_t row, const places *at)
{
    int64_t k = piece->count[row], base = row * coder->capacity;
    double *v = piece->residual + row * coder->dim;
    for (int64_t c = 0; c < coder->dim; c++) {
        double sum = 0;
        for (int64_t i = 0; i < k; i++)
            sum += at->p[c * k + i] * (piece->value[base + i] > 0 ? weight(coder, piece->index[base + i]) : -weight(coder, piece->index[base + i]));
        v[c] = sum;
    }
}

void atomsi_certify_recovery(const atomsi_coder *coder, atomsi_coding_work *work)
{
    atomsi_piece *piece = &work->piece;
    places at = place(coder, work->recovery);
    for (int64_t r = 0; r < piece->rows; r++) {
        atoms_code_record *record = piece->record + r;
        double min_pivot;
        bool independent = piece->count[r] > 0 && solve_support(coder, piece, r, &at, &min_pivot);
        record->fuchs = record->erc = NAN;
        if (independent) {
            if (!isfinite(record->min_pivot)) record->min_pivot = min_pivot;
            if (coder->certify & ATOMS_CERTIFY_FUCHS) record->fuchs = 0;
            if (coder->certify & ATOMS_CERTIFY_ERC) record->erc = exact_recovery(coder, piece, r, &at);
        }
        if (record->fuchs == 0.0) fuchs_vector(coder, piece, r, &at);
        else memset(piece->residual + r * coder->dim, 0, (size_t)coder->dim * sizeof *piece->residual);
    }
    if (!(coder->certify & ATOMS_CERTIFY_FUCHS)) return;
    atomsi_maximum fuchs = {.one_sided = coder->nonnegative, .outside = 1, .slope = coder->inverse_weights};
    atomsi_find_maxima(coder, piece, 1, &fuchs, at.found);
    for (int64_t r = 0; r < piece->rows; r++)
        if (piece->record[r].fuchs == 0.0) piece->record[r].fuchs = fmax(at.found[r], 0);
}
