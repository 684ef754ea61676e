/* The balancer of helpers/load_balancing/sending.py as a C programmer would write it, by several
   rules; the fastest one counts. Each gives the same waits and servers as the kernels.

   Built by c_code.py. All servers have the same speed and none fails: what the kernels can do
   besides is not part of the comparison. */

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static inline double later(double a, double b) { return a > b ? a : b; }

#define JOB(name)                                                                              \
    void name(const double *restrict arrival, const double *restrict service,                  \
              const int32_t *restrict candidates, int32_t *restrict chosen,                    \
              double *restrict wait, ptrdiff_t requests, ptrdiff_t servers, ptrdiff_t choices)

typedef struct { double free_at; int32_t in_flight, oldest, newest, unused; } Server;
typedef struct { double free_at, next_done; int32_t in_flight, oldest, newest, unused; } Watched;

/* Few choices: each server's line is a chain of requests, and a look drops the answered ones. */
JOB(few_chain) {
    Server *server = calloc((size_t)servers, sizeof *server);
    double *done = malloc((size_t)requests * sizeof *done);
    int32_t *behind = malloc((size_t)requests * sizeof *behind);
    for (ptrdiff_t i = 0; i < requests; i++) {
        double now = arrival[i];
        const int32_t *drawn = candidates + i * choices;
        int32_t best = drawn[0];
        for (ptrdiff_t k = 0; k < choices; k++) {
            Server *s = &server[drawn[k]];
            while (s->in_flight && done[s->oldest] <= now) {
                s->oldest = behind[s->oldest];
                s->in_flight--;
            }
            if (s->in_flight < server[best].in_flight) best = drawn[k];
        }
        Server *s = &server[best];
        double start = later(now, s->free_at);
        done[i] = s->free_at = start + service[i];
        chosen[i] = best;
        wait[i] = start - now;
        if (s->in_flight++) behind[s->newest] = (int32_t)i;
        else s->oldest = (int32_t)i;
        s->newest = (int32_t)i;
    }
    free(server), free(done), free(behind);
}

/* The same, with the moment of the next answer beside the count: a look reads one line. */
JOB(few_watched) {
    Watched *server = calloc((size_t)servers, sizeof *server);
    double *done = malloc((size_t)requests * sizeof *done);
    int32_t *behind = malloc((size_t)requests * sizeof *behind);
    for (ptrdiff_t k = 0; k < servers; k++) server[k].next_done = INFINITY;
    for (ptrdiff_t i = 0; i < requests; i++) {
        double now = arrival[i];
        const int32_t *drawn = candidates + i * choices;
        int32_t best = drawn[0];
        for (ptrdiff_t k = 0; k < choices; k++) {
            Watched *s = &server[drawn[k]];
            while (s->next_done <= now) {
                if (--s->in_flight) {
                    s->oldest = behind[s->oldest];
                    s->next_done = done[s->oldest];
                } else s->next_done = INFINITY;
            }
            best = s->in_flight < server[best].in_flight ? drawn[k] : best;
        }
        Watched *s = &server[best];
        double start = later(now, s->free_at);
        done[i] = s->free_at = start + service[i];
        chosen[i] = best;
        wait[i] = start - now;
        if (s->in_flight++) behind[s->newest] = (int32_t)i;
        else s->oldest = (int32_t)i, s->next_done = done[i];
        s->newest = (int32_t)i;
    }
    free(server), free(done), free(behind);
}

/* Least connections: a rule that knows how many requests each server holds, and a server that
   holds the fewest, the next in turn of several. `drop` lets the answered ones go. */

#define SEND_TO_LEAST                                                                          \
    int32_t best = turn;                                                                       \
    while (in_flight[best] > least) best = best + 1 < servers ? best + 1 : 0;                  \
    double start = later(now, free_at[best]), end = free_at[best] = start + service[i];        \
    chosen[i] = best;                                                                          \
    wait[i] = start - now;                                                                     \
    holding[in_flight[best]]--;                                                                \
    holding[++in_flight[best]]++;                                                              \
    if (!holding[least]) least++;                                                              \
    turn = turn + 1 < servers ? turn + 1 : 0

#define DROP(server)                                                                           \
    do {                                                                                       \
        int32_t fewer = --in_flight[server];                                                   \
        holding[fewer + 1]--;                                                                  \
        holding[fewer]++;                                                                      \
        if (fewer < least) least = fewer;                                                      \
    } while (0)

#define OPEN                                                                                   \
    (void)candidates, (void)choices;                                                           \
    int32_t *in_flight = calloc((size_t)servers, sizeof *in_flight), least = 0, turn = 0;      \
    int32_t *holding = calloc((size_t)requests + 2, sizeof *holding);                          \
    double *free_at = calloc((size_t)servers, sizeof *free_at);                                \
    holding[0] = (int32_t)servers

#define CLOSE free(in_flight), free(holding), free(free_at)

/* A binary heap of all requests that are not answered yet. */
typedef struct { double done; int32_t server; } Leaving;

JOB(least_heap) {
    OPEN;
    Leaving *heap = malloc(((size_t)requests + 2) * sizeof *heap);
    ptrdiff_t size = 0;
    for (ptrdiff_t i = 0; i < requests; i++) {
        double now = arrival[i];
        while (size && heap[1].done <= now) {
            DROP(heap[1].server);
            Leaving last = heap[size--];
            ptrdiff_t hole = 1;
            for (ptrdiff_t child = 2; child <= size; hole = child, child *= 2) {
                if (child < size && heap[child + 1].done < heap[child].done) child++;
                if (heap[child].done >= last.done) break;
                heap[hole] = heap[child];
            }
            heap[hole] = last;
        }
        SEND_TO_LEAST;
        ptrdiff_t hole = ++size;
        for (; hole > 1 && heap[hole / 2].done > end; hole /= 2) heap[hole] = heap[hole / 2];
        heap[hole] = (Leaving){end, best};
    }
    free(heap);
    CLOSE;
}

/* A calendar: for each day a chain of the requests that will be answered then. */
JOB(least_calendar) {
    OPEN;
    double *done = malloc((size_t)requests * sizeof *done);
    int32_t *after = malloc((size_t)requests * sizeof *after);
    int32_t *leaving = malloc(((size_t)requests + 1) * sizeof *leaving);
    double begin = arrival[0], per_day = (double)requests / later(arrival[requests - 1] - begin, 1e-300);
    ptrdiff_t today = 0;
    for (ptrdiff_t day = 0; day <= requests; day++) leaving[day] = -1;
    for (ptrdiff_t i = 0; i < requests; i++) {
        double now = arrival[i];
        ptrdiff_t goal = (ptrdiff_t)((now - begin) * per_day);
        if (goal > requests) goal = requests;
        for (ptrdiff_t day = today; day <= goal; day++) {
            int32_t other = leaving[day], stays = -1;
            while (other >= 0) {
                int32_t following = after[other];
                if (done[other] <= now) DROP(chosen[other]);
                else after[other] = stays, stays = other;
                other = following;
            }
            leaving[day] = stays;
        }
        today = goal;
        SEND_TO_LEAST;
        done[i] = end;
        double day = (end - begin) * per_day;
        if (day <= (double)requests) after[i] = leaving[(ptrdiff_t)day], leaving[(ptrdiff_t)day] = (int32_t)i;
    }
    free(done), free(after), free(leaving);
    CLOSE;
}
