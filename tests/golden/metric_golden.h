/* Written by make_metric.py: NumPy and scikit-learn on the sample in examples/data. */
#ifndef GOLDEN_METRIC_H
#define GOLDEN_METRIC_H

static const int golden_entries[][2] = {{0, 0}, {0, 1}, {247, 247}, {247, 507}, {575, 3}, {575, 575}};
static const double golden_second[] = {59.37916175287708, 1.2673321878753683, 8387.362007021904, -6719.008402526379, -1.3329235233724148, 4.307560333250598};
static const double golden_mean[] = {-0.8173321940703318, -0.8173321940703318, -91.09469223022461, -91.09469223022461, 0.5102871569106355, 0.5102871569106355};

/* Condition number, effective rank, largest and smallest eigenvalue. */
static const double golden_figures[] = {194178.25448381936, 22.566712203127736, 15664.144147610466, 0.08066888946576528};
static const double golden_figures_centred[] = {14265.29134422011, 176.94455473653554, 1150.6134303312906, 0.08065824963311993};

/* Gamma by Ledoit and Wolf: all rows, and the first 200 (fewer than there are coordinates); uncentred, centred. */
static const double golden_gamma[] = {0.01633128555954229, 0.2322398337518653};
static const double golden_gamma_200[] = {0.6740932661452005, 9.61908303507789};

/* Angles over all pairs of held-out rows: mean, sd, min, quantiles .01 .05 .25 .5 .75 .95 .99, max. */
static const double golden_euclidean[] = {57.196556272995146, 5.29107800514758, 0.0, 41.07908082102293, 48.237739246803166, 54.325714035509044, 57.67316370784192, 60.690089890099, 64.76196576687852, 67.44940600922702, 76.37872986614545};
static const double golden_aip[] = {89.81267802148761, 2.7120155299217465, 0.0, 82.55196234684871, 85.68443508699919, 88.34093721723686, 89.94776740094447, 91.50441289995719, 93.7110347882921, 95.28409119495423, 101.38674942120863};

#endif
