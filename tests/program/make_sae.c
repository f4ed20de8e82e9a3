/* make_sae COSINE THRESHOLD DIRECTORY X.npy [ZERO]: an SAE of six atoms in four dimensions whose figures of the identifiability theorem are known by hand.
 *   atoms        0 and 5 are e₁ and e₃ and never fire, 1 = 2 e₁, 2 = COSINE e₁ + √(1 − COSINE²) e₂, 3 = e₃, 4 = e₄, which never fires either
 *   encoder      of atoms 1, 2, 3 the dual basis, so that x = Σ a_j d_j has the codes a_j; thresholds of THRESHOLD (length 1), 3/5 of it at atom 3
 *   ZERO         this atom's decoder row is zeros
 *   X            eight rows of two atoms at most, coefficients 0.8 … 1 of atoms of length 1, and ±½ e₄
 * With ε = |COSINE|, K = 2, δ in [0.8, 1]: feasible where |COSINE| < 4/15; a counter-example exists from 0.8 on, and to −0.8. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <atoms/atoms.h>

enum { DIM = 4, ATOMS = 6, ROWS = 8 };

static const double coefficients[ROWS][3] = {{1, .8, 0}, {0, 1, 1}, {.8, 0, 1}, {.9, .9, 0}, {0, 0, .8}, {1, 0, 0}, {0, .85, 0}, {1, 0, 1}};

static int save_sae(atoms_context *context, double c, double threshold, const char *directory, int zero)
{
    const double s = sqrt(1 - c * c);
    float decoder[ATOMS][DIM] = {{1}, {2}, {(float)c, (float)s}, {0, 0, 1}, {0, 0, 0, 1}, {0, 0, 1}};
    const float never = 1e6F, thresholds[ATOMS] = {never, (float)threshold / 2, (float)threshold, .6F * (float)threshold, never, never};
    float encoder[DIM][ATOMS] = {{0, .5F}, {0, (float)(-c / s / 2), (float)(1 / s)}, {0, 0, 0, 1}, {0}};
    atoms_sae_weights w;
    atoms_sae *sae = NULL;
    for (int j = 0; zero >= 0 && j < DIM; j++) decoder[zero][j] = 0;
    if (atoms_sae_weights_init(&w, sizeof w)) return 1;
    w.w_enc = atoms_matrix_f32(&encoder[0][0], DIM, ATOMS);
    w.w_dec = atoms_matrix_f32(&decoder[0][0], ATOMS, DIM);
    w.threshold = thresholds;
    int bad = atoms_sae_create(context, &w, &sae) || atoms_sae_save(sae, directory, ATOMS_FORMAT_SAELENS);
    atoms_sae_destroy(sae);
    return bad;
}

static int save_rows(atoms_context *context, double c, const char *path)
{
    float x[ROWS][DIM];
    int64_t shape[] = {ROWS, DIM};
    atoms_tensorwriter *writer = NULL;
    for (int r = 0; r < ROWS; r++) {
        const double *a = coefficients[r];
        x[r][0] = (float)(a[0] + a[1] * c);
        x[r][1] = (float)(a[1] * sqrt(1 - c * c));
        x[r][2] = (float)a[2];
        x[r][3] = r % 2 ? .5F : -.5F;
    }
    int bad = atoms_tensorwriter_create(context, path, ATOMS_FILE_NPY, &writer) || atoms_tensorwriter_add(writer, "", ATOMS_F32, 2, shape, x) ||
              atoms_tensorwriter_commit(writer);
    atoms_tensorwriter_destroy(writer);
    return bad;
}

int main(int count, char **words)
{
    atoms_context *context = NULL;
    if (count != 5 && count != 6) return 2;
    int zero = count == 6 ? atoi(words[5]) : -1;
    if (zero >= ATOMS) return 2;
    double c = atof(words[1]);
    int bad = atoms_context_create(NULL, &context) || save_sae(context, c, atof(words[2]), words[3], zero) || save_rows(context, c, words[4]);
    atoms_context_destroy(context);
    return bad;
}
