/* NumPy's random numbers, bit for bit, but inlined into the loop that uses them.

   PCG64 (O'Neill, 2014: PCG XSL RR 128/64) and the ziggurat for exponentials (Marsaglia and
   Tsang, 2000) as in NumPy's Generator. What NumPy pays for a call through a pointer is
   saved here, so that C is at its best. The tables come from draws.py. */

#ifndef DRAWS_H
#define DRAWS_H

#include <math.h>
#include <stdint.h>

typedef unsigned __int128 uint128;
typedef struct { uint64_t state[2], increment[2]; } Seed; /* the high half first */
typedef struct { uint128 state, increment; } Stream;
typedef struct { double width[256], height[256]; uint64_t inside[256]; } Ziggurat;

static inline uint128 join(const uint64_t half[2]) { return ((uint128)half[0] << 64) | half[1]; }

static inline Stream open_stream(const Seed *seed) {
    return (Stream){join(seed->state), join(seed->increment)};
}

static inline uint64_t next_bits(Stream *stream) {
    const uint64_t multiplier[2] = {2549297995355413924u, 4865540595714422341u};
    stream->state = stream->state * join(multiplier) + stream->increment;
    uint64_t mixed = (uint64_t)(stream->state >> 64) ^ (uint64_t)stream->state;
    unsigned turn = (unsigned)(stream->state >> 122);
    return (mixed >> turn) | (mixed << (-turn & 63));
}

static inline double next_uniform(Stream *stream) {
    return (double)(next_bits(stream) >> 11) * (1.0 / 9007199254740992.0);
}

static inline double next_exponential(Stream *stream, const Ziggurat *ziggurat) {
    for (;;) {
        uint64_t bits = next_bits(stream) >> 3;
        unsigned layer = bits & 255;
        bits >>= 8;
        double x = (double)bits * ziggurat->width[layer];
        if (__builtin_expect(bits < ziggurat->inside[layer], 1)) return x;
        if (layer == 0) return 7.69711747013104972 - log1p(-next_uniform(stream));
        double below = ziggurat->height[layer], above = ziggurat->height[layer - 1];
        if ((above - below) * next_uniform(stream) + below < exp(-x)) return x;
    }
}

#endif
