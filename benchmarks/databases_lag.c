/* The lag of helpers/databases/replicas.py as a C programmer would write it. Built by c_code.py. */

#include <stddef.h>

void follow(const double *restrict gap, const double *restrict work, double network,
            double *restrict lag, ptrdiff_t writes) {
    double waiting = 0.0;
    for (ptrdiff_t i = 0; i < writes; i++) {
        if (i > 0) {
            double left = waiting + work[i - 1] - gap[i];
            waiting = left > 0.0 ? left : 0.0;
        }
        lag[i] = network + waiting + work[i];
    }
}
