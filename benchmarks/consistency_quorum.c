/* The trials of helpers/consistency/wars.py as a C programmer would write them, for a number of
   replicas that the compiler knows (-DREPLICAS). The counts are the kernel's.

   Built by c_code.py. */

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifndef REPLICAS
#define REPLICAS 3
#endif
#define N REPLICAS

static inline ptrdiff_t bucket(double value, int shift, int64_t first, ptrdiff_t buckets) {
    int64_t bits;
    memcpy(&bits, &value, sizeof bits);
    int64_t place = (bits >> shift) - first;
    if (place < 0) place = 0;
    return place < buckets ? place : buckets - 1;
}

void quorum(const double *restrict legs, int64_t *restrict writes, int64_t *restrict reads,
            int64_t *restrict waits, ptrdiff_t trials, ptrdiff_t buckets, int64_t first,
            int shift) {
    for (ptrdiff_t i = 0; i < trials; i++) {
        double acked[N], answered[N], behind[N];
        for (int n = 0; n < N; n++) {
            const double *leg = legs + (ptrdiff_t)n * 4 * trials + i;
            double write = leg[0], request = leg[2 * trials];
            double done = write + leg[trials], back = request + leg[3 * trials];
            int k = n;
            for (; k > 0 && acked[k - 1] > done; k--) acked[k] = acked[k - 1];
            acked[k] = done;
            for (k = n; k > 0 && answered[k - 1] > back; k--) {
                answered[k] = answered[k - 1];
                behind[k] = behind[k - 1];
            }
            answered[k] = back;
            behind[k] = write - request;
        }
        double soonest = INFINITY;
        for (int k = 0; k < N; k++) {
            writes[k * buckets + bucket(acked[k], shift, first, buckets)]++;
            reads[k * buckets + bucket(answered[k], shift, first, buckets)]++;
            if (behind[k] < soonest) soonest = behind[k];
            for (int w = 0; w < N && soonest > acked[w]; w++)
                waits[(k * N + w) * buckets + bucket(soonest - acked[w], shift, first, buckets)]++;
        }
    }
}
