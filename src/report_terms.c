/* The definitions, in the words of docs/evaluate.md, dictionary.md, metric.md and angles: the page stands alone. */
#include "command.h"
#include "html.h"
#include "report.h"

static const struct {
    const char *id, *term, *words;
} terms[] = {
    {"r2", "R²",
     "1 − Σ‖x − x̂‖² / Σ‖x − x̄‖² over all rows at once: x a row, x̂ its reconstruction, x̄ the mean of the rows that are judged. In the AIP: "
     "both sums in ‖·‖<sub>S</sub>."},
    {"mse", "Mean squared error",
     "Σ‖x − x̂‖² / n, summed over coordinates; in the square of the data’s unit."},
    {"cosine", "Cosine",
     "mean of cos(x, x̂) over rows where both are non-zero."},
    {"norm-ratio", "Length ratio",
     "mean of ‖x̂‖/‖x‖ over rows where x is non-zero."},
    {"l0", "L0",
     "number of non-zeros of a row’s code: its active atoms. Quantiles are lower empirical ones, the ⌈q·n⌉-th smallest."},
    {"dead", "Dead, dense",
     "latents that fire on none of the rows; on more than 10 % of them."},
    {"aip", "AIP, the atomic inner product",
     "⟨u, v⟩ = uᵀSv/(‖u‖<sub>S</sub> ‖v‖<sub>S</sub>), S = E[k kᵀ]⁻¹ over the rows k of the metric’s data: in it, unrelated rows are at right "
     "angles."},
    {"mu", "Coherence μ",
     "the largest |⟨d<sub>i</sub>, d<sub>j</sub>⟩| of two atoms, each brought to length 1 in the metric. μ &lt; 1/(2K − 1) makes a code with K "
     "non-zeros the only one."},
    {"babel", "Babel function μ₁(K)",
     "the largest sum of K values |⟨d<sub>i</sub>, d<sub>j</sub>⟩| of one atom d<sub>i</sub> with others: coherence for groups of atoms."},
    {"isometry", "Restricted isometry constant δ<sub>K</sub>",
     "the largest ‖G<sub>TT</sub> − I‖₂ over K atoms T, G the Gram matrix of the atoms at length 1: how far any K of them can be from "
     "orthonormal."},
    {"q-star", "Stability q*",
     "sup{ q : μ<sub>q</sub> &lt; 1/(2 K<sub>q</sub> − 1) }: μ<sub>q</sub> is the q-quantile of |⟨d<sub>i</sub>, d<sub>j</sub>⟩| over pairs of "
     "atoms, K<sub>q</sub> the q-quantile of L0 over rows. It rewards sparsity as much as incoherence: a look-up table has a q* near 1."},
    {"theorem", "Identifiability theorem",
     "for a row that is a sum of at most K atoms of length 1 with coefficients from δ<sub>min</sub> to δ<sub>max</sub>, and |⟨d<sub>i</sub>, "
     "d<sub>j</sub>⟩| ≤ ε: the score ⟨d<sub>i</sub>, x⟩ is at most ε K δ<sub>max</sub> where i is silent, at least δ<sub>min</sub> − ε (K − 1) "
     "δ<sub>max</sub> where it is active. A threshold between them, if there is room, reads the support."},
};

int report_terms(report *r)
{
    section_begin(r, "terms", "Definitions");
    fputs("<dl class=\"terms\">\n", r->page);
    for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++)
        fprintf(r->page, "<dt id=\"def-%s\">%s</dt><dd>%s</dd>\n", terms[i].id, terms[i].term, terms[i].words);
    fputs("</dl>\n<footer>More in the pages <code>docs/evaluate.md</code>, <code>docs/dictionary.md</code>, <code>docs/geometry.md</code>, "
          "<code>docs/rip.md</code>, <code>docs/identify.md</code>, <code>docs/metric.md</code> and "
          "<code>docs/report.md</code> of libatoms. This page loads nothing and runs nothing.</footer>\n",
          r->page);
    section_end(r);
    return EXIT_DONE;
}
