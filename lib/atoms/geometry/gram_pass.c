/* One pass over the tiles of a Gram matrix in f32. Of a symmetric one half is computed.
 *
 * Tiles are run in rounds, those of a tournament: with an even number of teams n, the circle method pairs, in round r, team n − 1 with r, and (r + t) with
 * (r − t) modulo n − 1; so every pair meets once and nobody plays twice in a round. Blocks of atoms are the teams: the tiles of a round share none.
 * Between two dictionaries block i meets block i + r modulo the larger number of blocks. */
#include "../../linalg/cblas_gate.h"
#include "geometry_parts.h"

enum { SIDE = ATOMSI_GRAM_SIDE };

typedef struct gram_run {
    const atomsi_directions *a, *b;
    bool symmetric;
    int64_t blocks_a, blocks_b; /* blocks of SIDE atoms */
    int64_t teams, round;
    float *tiles; /* of each worker: the tile, and one piece of its sum */
    atomsi_gram_visitor visit;
    void *arg;
} gram_run;

void atomsi_gram_multiply(int64_t dim, const float *left, int64_t left_stride, int64_t rows, const float *right, int64_t right_stride, int64_t cols,
                          float *tile)
{
    float *piece = tile + SIDE * SIDE;
    for (int64_t k = 0; k < dim; k += GRAM_DEPTH) {
        linalg_sgemm(LINALG_PLAIN, LINALG_TRANSPOSED, rows, cols, base_min_i64(GRAM_DEPTH, dim - k), 1, left + k, left_stride, right + k, right_stride, 0,
                     k ? piece : tile, SIDE);
        for (int64_t i = 0; i < rows && k; i++)
            for (int64_t j = 0; j < cols; j++) tile[i * SIDE + j] += piece[i * SIDE + j];
    }
}

static void multiply(const gram_run *run, int64_t first_i, int64_t rows, int64_t first_j, int64_t cols, float *tile)
{
    const atomsi_directions *a = run->a, *b = run->b;
    atomsi_gram_multiply(a->dim, a->rows + first_i * a->stride, a->stride, rows, b->rows + first_j * b->stride, b->stride, cols, tile);
    for (int64_t i = 0; i < rows; i++) {
        float *cosine = tile + i * SIDE, scale = a->scale[first_i + i];
        const float *scales = b->scale + first_j;
        for (int64_t j = 0; j < cols; j++) cosine[j] *= scale * scales[j];
    }
}

/* The blocks of game t in this round; false where there is none. */
static bool blocks_of(const gram_run *run, int64_t t, int64_t *i, int64_t *j)
{
    int64_t n = run->teams, r = run->round;
    if (!run->symmetric) {
        *i = t;
        *j = (t + r) % n;
        return *i < run->blocks_a && *j < run->blocks_b;
    }
    if (r == n - 1) { /* the last round: every block with itself */
        *i = *j = t;
    } else {
        int64_t x = t ? (r + t) % (n - 1) : n - 1, y = (r + n - 1 - t) % (n - 1);
        *i = base_min_i64(x, y);
        *j = base_max_i64(x, y);
    }
    return *j < run->blocks_a;
}

static void play(void *arg, int64_t game, int32_t worker)
{
    const gram_run *run = arg;
    int64_t i, j;
    if (!blocks_of(run, game, &i, &j)) return;
    float *tile = run->tiles + (int64_t)worker * 2 * SIDE * SIDE;
    atomsi_gram_tile seen = {.first_i = i * SIDE, .first_j = j * SIDE, .stride = SIDE, .cosine = tile};
    seen.rows = base_min_i64(SIDE, run->a->atoms - seen.first_i);
    seen.cols = base_min_i64(SIDE, run->b->atoms - seen.first_j);
    multiply(run, seen.first_i, seen.rows, seen.first_j, seen.cols, tile);
    run->visit(run->arg, &seen, worker);
}

static int64_t games_of(const gram_run *run)
{
    return run->symmetric && run->round < run->teams - 1 ? run->teams / 2 : run->teams;
}

atoms_status atomsi_gram_pass(const atomsi_directions *a, const atomsi_directions *b, atomsi_gram_visitor visit, void *arg)
{
    atoms_context *context = a->context;
    gram_run run = {.a = a, .b = b ? b : a, .symmetric = !b, .visit = visit, .arg = arg};
    run.blocks_a = base_blocks(run.a->atoms, SIDE);
    run.blocks_b = base_blocks(run.b->atoms, SIDE);
    run.teams = run.symmetric ? run.blocks_a + run.blocks_a % 2 : base_max_i64(run.blocks_a, run.blocks_b);
    run.tiles = atomsi_alloc(context, (int64_t)atoms_context_threads(context) * 2 * SIDE * SIDE, sizeof *run.tiles);
    if (!run.tiles) return ATOMS_E_MEMORY;
    atoms_status status = ATOMS_OK;
    for (; run.round < run.teams && !status; run.round++) {
        atomsi_parallel_for(context, games_of(&run), play, &run);
        status = atomsi_progress(context, "pair blocks", run.round + 1, run.teams);
    }
    atomsi_free(context, run.tiles);
    return status;
}
