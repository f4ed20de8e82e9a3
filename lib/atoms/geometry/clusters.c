/* Clusters of duplicates by union–find, each worker with a forest of its own, so that no two write to one; the forests are merged afterwards.
 * A root is the lowest number of its tree: what comes out does not depend on the order of the joins. */
#include "geometry_parts.h"

int32_t atomsi_cluster_root(int32_t *parent, int32_t atom)
{
    while (parent[atom] != atom) atom = parent[atom] = parent[parent[atom]]; /* path halving */
    return atom;
}

void atomsi_cluster_join(int32_t *parent, int32_t i, int32_t j)
{
    i = atomsi_cluster_root(parent, i);
    j = atomsi_cluster_root(parent, j);
    if (i < j) parent[j] = i;
    else parent[i] = j;
}

void atomsi_clusters_settle(const pair_scan *scan, atoms_geometry *out)
{
    int64_t atoms = scan->directions->atoms;
    int32_t *all = scan->states[0].parent;
    for (int32_t w = 1; w < scan->workers; w++)
        for (int64_t i = 0; i < atoms; i++) atomsi_cluster_join(all, (int32_t)i, scan->states[w].parent[i]);
    int64_t duplicates = 0, clusters = 0;
    for (int64_t i = 0; i < atoms; i++) {
        out->cluster[i] = atomsi_cluster_root(all, (int32_t)i);
        duplicates += out->cluster[i] != i;
    }
    for (int64_t i = 0; i < atoms; i++) out->partner[i] = 0; /* borrowed: whether a root has been counted */
    for (int64_t i = 0; i < atoms; i++)
        if (out->cluster[i] != i && !out->partner[out->cluster[i]]) out->partner[out->cluster[i]] = 1, clusters++;
    out->report.duplicates = duplicates;
    out->report.clusters = clusters;
}
