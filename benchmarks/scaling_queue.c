/* The queue of helpers/scaling/simulation.py as a C programmer would write it, by several
   rules; the fastest one counts. Each gives the same waits as the kernel, bit for bit.

   Built by c_code.py. With -DSERVERS=8 the compiler knows the number of servers, unrolls all
   loops over them and keeps the whole line in registers: quicker, but for that number only. */

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "draws.h"

typedef struct { double short_mean, long_mean, short_share; } Duration;
typedef struct {
    Seed gap, gap_choice, service, service_choice, server_choice;
    Duration between, serving; /* with a mean of 1 */
    double arrival_rate, service_rate;
    Ziggurat ziggurat;
} Luck;

static inline double later(double a, double b) { return a > b ? a : b; }
static inline double sooner(double a, double b) { return a < b ? a : b; }

/* Rules: when does a request start that came at `arrival` and takes `service`?

   free_at[0 .. servers] says when the servers are free, with infinity at its end. A rule
   that sorts it may keep its first in `first`, a variable instead of memory. */

#define RULE(name)                                                                             \
    static inline double name(double *first, double *restrict free_at, ptrdiff_t servers,      \
                              double arrival, double service)

#if defined(SERVERS)
#define ACROSS_SERVERS _Pragma("GCC unroll 64")
#else
#define ACROSS_SERVERS
#endif

/* One server: nothing to choose (Lindley, 1952). */
RULE(single) {
    double start = later(arrival, *first);
    *first = start + service;
    return start;
}

/* Sorted: shift those who are free sooner, until the place is found. */
RULE(insertion) {
    double start = later(arrival, free_at[0]), done = start + service;
    ptrdiff_t place = 1;
    while (place < servers && free_at[place] < done) {
        free_at[place - 1] = free_at[place];
        place++;
    }
    free_at[place - 1] = done;
    return start;
}

/* Sorted: carry the later one along to the end, with no branch to mispredict. */
RULE(exchange) {
    double start = later(arrival, free_at[0]), done = start + service;
    ACROSS_SERVERS
    for (ptrdiff_t k = 1; k < servers; k++) {
        double other = free_at[k];
        free_at[k - 1] = sooner(other, done);
        done = later(other, done);
    }
    free_at[servers - 1] = done;
    return start;
}

/* The same with the first server in a register: the next request need not wait for memory. */
RULE(carry) {
    double start = later(arrival, *first), done = start + service;
    *first = sooner(free_at[1], done);
    ACROSS_SERVERS
    for (ptrdiff_t k = 1; k < servers; k++) {
        done = later(free_at[k], done);
        free_at[k] = sooner(free_at[k + 1], done);
    }
    return start;
}

/* Sorted: each place looks at itself, its neighbor and the new one, all places at once. */
RULE(spread) {
    double start = later(arrival, *first), done = start + service;
    *first = sooner(free_at[1], done);
    ACROSS_SERVERS
    for (ptrdiff_t k = 1; k < servers; k++)
        free_at[k] = later(free_at[k], sooner(free_at[k + 1], done));
    return start;
}

/* Unsorted: look at all. */
RULE(scan) {
    ptrdiff_t chosen = 0;
    for (ptrdiff_t k = 1; k < servers; k++)
        if (free_at[k] < free_at[chosen]) chosen = k;
    double start = later(arrival, free_at[chosen]);
    free_at[chosen] = start + service;
    return start;
}

/* A binary heap, whose root is replaced and sinks. */
RULE(heap) {
    double start = later(arrival, free_at[0]), done = start + service;
    ptrdiff_t hole = 0, child = 1;
    while (child < servers) {
        if (free_at[child + 1] < free_at[child]) child++;
        if (free_at[child] >= done) break;
        free_at[hole] = free_at[child];
        hole = child;
        child = 2 * hole + 1;
    }
    free_at[hole] = done;
    return start;
}

/* Jobs: the queue alone, and the queue with its draws. */

static inline double draw(Stream *stream, Stream *choice, Duration duration,
                          const Ziggurat *ziggurat) {
    double unit = next_exponential(stream, ziggurat);
    if (duration.short_mean == duration.long_mean) return unit * duration.short_mean;
    double chosen = next_uniform(choice);
    return unit * (chosen < duration.short_share ? duration.short_mean : duration.long_mean);
}

#if defined(SERVERS)
#define LINE const ptrdiff_t servers = SERVERS; double free_at[SERVERS + 1]
#else
#define LINE const ptrdiff_t servers = count; double *restrict free_at = scratch
#endif

#define OPEN_LINE                                                                              \
    double first = -INFINITY;                                                                  \
    LINE;                                                                                      \
    (void)count, (void)scratch, (void)first;                                                   \
    for (ptrdiff_t k = 0; k < servers; k++) free_at[k] = -INFINITY;                            \
    free_at[servers] = INFINITY

#define OPEN_STREAMS                                                                           \
    Stream gap = open_stream(&luck->gap), gap_choice = open_stream(&luck->gap_choice);         \
    Stream serving = open_stream(&luck->service),                                              \
           serving_choice = open_stream(&luck->service_choice);                                \
    double unit_time = 0, now

#define NEXT_REQUEST                                                                           \
    unit_time += draw(&gap, &gap_choice, luck->between, &luck->ziggurat);                      \
    arrival[i] = now = unit_time / luck->arrival_rate;                                         \
    service[i] = draw(&serving, &serving_choice, luck->serving, &luck->ziggurat) /             \
                 luck->service_rate

#define JOBS(rule)                                                                             \
    void queue_##rule(const double *restrict arrival, const double *restrict service,          \
                      double *restrict wait, ptrdiff_t requests, ptrdiff_t count,              \
                      double *restrict scratch) {                                              \
        OPEN_LINE;                                                                             \
        for (ptrdiff_t i = 0; i < requests; i++)                                               \
            wait[i] = rule(&first, free_at, servers, arrival[i], service[i]) - arrival[i];     \
    }                                                                                          \
    void run_##rule(const Luck *luck, double *restrict arrival, double *restrict service,      \
                    double *restrict wait, ptrdiff_t requests, ptrdiff_t count,                \
                    double *restrict scratch) {                                                \
        OPEN_LINE;                                                                             \
        OPEN_STREAMS;                                                                          \
        for (ptrdiff_t i = 0; i < requests; i++) {                                             \
            NEXT_REQUEST;                                                                      \
            wait[i] = rule(&first, free_at, servers, now, service[i]) - now;                   \
        }                                                                                      \
    }

JOBS(single)
JOBS(insertion)
JOBS(exchange)
JOBS(carry)
JOBS(spread)
JOBS(scan)
JOBS(heap)

/* One line for each server. */

void queue_own_lines(const double *restrict arrival, const double *restrict service,
                     const int64_t *restrict server, double *restrict wait, ptrdiff_t requests,
                     ptrdiff_t count, double *restrict scratch) {
    OPEN_LINE;
    for (ptrdiff_t i = 0; i < requests; i++)
        wait[i] = single(&free_at[server[i]], free_at, servers, arrival[i], service[i]) - arrival[i];
}

void run_own_lines(const Luck *luck, double *restrict arrival, double *restrict service,
                   double *restrict wait, ptrdiff_t requests, ptrdiff_t count,
                   double *restrict scratch) {
    OPEN_LINE;
    OPEN_STREAMS;
    Stream server_choice = open_stream(&luck->server_choice);
    for (ptrdiff_t i = 0; i < requests; i++) {
        NEXT_REQUEST;
        ptrdiff_t server = (ptrdiff_t)(next_uniform(&server_choice) * (double)servers);
        wait[i] = single(&free_at[server], free_at, servers, now, service[i]) - now;
    }
}
