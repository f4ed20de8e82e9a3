#!/bin/sh
# code: every solver in both modes on small data, records and duals, dictionaries of every origin, bad input.
. "$(dirname "$0")/program_checks.sh"

"$make_matrix" sparse 200 12 1 x.npy && "$make_matrix" sparse 40 12 7 d.npy && "$make_matrix" sparse 400 12 1 two.npz &&
    "$make_matrix" sparse 40 11 7 narrow.npy && "$make_matrix" nan 40 12 7 nan.npy && "$make_matrix" zero 40 12 7 zero.npy || exit 1

common="rows==200 width==40 nnz=integer l0_mean=number seconds=number cpu_seconds=number rows_per_s=number stopped=integer dependent=integer infeasible=integer"
for solver in omp ols; do
    json code d.npy x.npy -o $solver.npz --solver $solver --sparsity 3 --records $solver.records.npz -- $common nnz==600 converged==200 \
        worst_gap=null notes/worst_gap=string worst_kkt=number solver==$solver
done
for solver in cd lars fista ista; do
    json code d.npy x.npy -o $solver.npz --solver $solver --lambda-rel 0.2 --tol 1e-5 --max-iter 100000 -- $common converged==200 worst_gap=number worst_kkt=number
done
json code d.npy x.npy -o bp.npz --solver bp --records r.npz --dual -- $common converged==200 worst_gap=number worst_kkt=number
json code d.npy x.npy -o bpdn.npz --solver bpdn --sigma-rel 0.1 -- $common converged==200
json info r.npz -- kind==npz tensors/0/name==status tensors/14/name==dual tensors/14/shape/0==200 tensors/14/shape/1==12 tensors/14/dtype==f64
json info cd.npz -- tensors/4/name=string
json code d.npy x.npy -o again.npz --solver cd --lambda-rel 0.2 --tol 1e-5 --max-iter 100000 --threads 1 -- rows==200
check "threads do not change codes" cmp cd.npz again.npz
json code d.npy x.npy -o half.npz --solver omp --residual-rel 0.3 --rows 100 --nonneg --certify --records r.npz -- rows==100
json code d.npy x.npy -o absolute.npz --solver omp --residual 0.5 -- converged=integer
json code d.npy x.npy -o absolute.npz --solver cd --lambda 0.5 --nonneg -- converged==200
json code d.npy x.npy -o absolute.npz --solver bpdn --sigma 1000000 -- nnz==0 converged==200
json code two.npz:half x.npy two.npz:acts -o two.npz.codes --solver omp --sparsity 2 -- rows==600 width==200 nnz=integer
status 0 metric x.npy -o m.safetensors
json code d.npy x.npy -o metric.npz --solver omp --sparsity 3 --metric m.safetensors -- nnz==600
check "the metric changes codes" [ -n "$(cmp omp.npz metric.npz)" ]
status 0 train x.npy -o sae --width 24 --l0 3 --steps 20 --batch 64
json code sae x.npy -o sae.npz --solver omp --sparsity 3 -- width==24 nnz==600
json decode sae sae.npz -o xhat.npy -- rows==200
status 0 code d.npy x.npy -o table.npz --solver ols --sparsity 3
check "a table" grep -q '^nnz  *600$' out

cp omp.npz before.npz
refused 2 'is missing: one of omp' code d.npy x.npy -o omp.npz
refused 2 "'mp' is none of omp" code d.npy x.npy -o omp.npz --solver mp
refused 2 'is missing: where to write' code d.npy x.npy --solver omp
refused 2 'not for --solver cd' code d.npy x.npy -o omp.npz --solver cd --sparsity 3
refused 2 'not for --solver omp' code d.npy x.npy -o omp.npz --solver omp --lambda 1
refused 2 'not for --solver bp' code d.npy x.npy -o omp.npz --solver bp --sigma 1
refused 2 'give one of them' code d.npy x.npy -o omp.npz --solver cd --lambda 1 --lambda-rel 0.1
refused 2 'lambda' code d.npy x.npy -o omp.npz --solver cd --lambda 0
refused 2 'needs --records' code d.npy x.npy -o omp.npz --solver bp --dual
refused 2 'omp and ols have no dual' code d.npy x.npy -o omp.npz --solver omp --dual --records r.npz
refused 1 'd.npy: --sparsity is 13' code d.npy x.npy -o omp.npz --solver omp --sparsity 13
refused 1 'narrow.npy' code d.npy narrow.npy -o omp.npz --solver omp --sparsity 3
refused 1 'row 20 column 1 is NaN' code d.npy nan.npy -o omp.npz --solver omp --sparsity 3
refused 1 'nan.npy.*NaN' code nan.npy x.npy -o omp.npz --solver omp --sparsity 3
refused 1 'atom 20 has length 0' code zero.npy x.npy -o omp.npz --solver omp --sparsity 3
refused 1 'none.npy' code none.npy x.npy -o omp.npz --solver omp --sparsity 3
check "no refusal changed an output" cmp omp.npz before.npz
json code d.npy zero.npy -o zero.npz --solver cd -- converged==40

finish 112
