/* Placement rules as a C programmer would write them: the same answers, key by key.

   Built by c_code.py. */

#include <stddef.h>
#include <stdint.h>

#define EACH for (ptrdiff_t i = 0; i < keys; i++)

/* A ring: the owner of the first point at or after each hash, by binary search. */
void ring(const uint64_t *restrict hashes, ptrdiff_t keys, const uint64_t *restrict places,
          const int32_t *restrict owners, ptrdiff_t points, int32_t *restrict found) {
    EACH {
        ptrdiff_t low = 0, high = points;
        while (low < high) {
            ptrdiff_t middle = low + (high - low) / 2;
            if (places[middle] < hashes[i]) low = middle + 1; else high = middle;
        }
        found[i] = owners[low < points ? low : 0];
    }
}

/* Lamping and Veach's figure 1. */
void jump(const uint64_t *restrict hashes, ptrdiff_t keys, int32_t buckets,
          int32_t *restrict found) {
    EACH {
        uint64_t key = hashes[i];
        int64_t b = -1, j = 0;
        while (j < buckets) {
            b = j;
            key = key * 2862933555777941757ULL + 1;
            j = (int64_t)((double)(b + 1) * ((double)(1LL << 31) / (double)((key >> 33) + 1)));
        }
        found[i] = (int32_t)b;
    }
}

/* Highest random weight with the finisher of SplitMix64, key by key. */
void rendezvous(const uint64_t *restrict hashes, ptrdiff_t keys, const uint64_t *restrict seeds,
                int32_t servers, int32_t *restrict found) {
    EACH {
        uint64_t highest = 0;
        int32_t best = 0;
        for (int32_t s = 0; s < servers; s++) {
            uint64_t bid = hashes[i] ^ seeds[s];
            bid = (bid ^ (bid >> 30)) * 0xBF58476D1CE4E5B9ULL;
            bid = (bid ^ (bid >> 27)) * 0x94D049BB133111EBULL;
            bid ^= bid >> 31;
            if (bid > highest) { highest = bid; best = s; }
        }
        found[i] = best;
    }
}

/* Bounded loads: the next point's server that has room, from points that are known. */
void bounded(const int64_t *restrict points, ptrdiff_t keys, const int32_t *restrict owners,
             ptrdiff_t circle, int64_t *restrict room, int32_t *restrict found) {
    EACH {
        ptrdiff_t point = points[i];
        while (room[owners[point]] == 0) point = point + 1 < circle ? point + 1 : 0;
        found[i] = owners[point];
        room[owners[point]]--;
    }
}
