/* The loops of helpers/caching as a C programmer would write them: the same decisions, bit for
   bit, with 32-bit numbers for keys and the smallest types that do.

   Every function takes keys from 0 to distinct - 1, fills hits, and works in memory of its own,
   as the kernels do. Built by c_code.py. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef int32_t Key;
typedef uint8_t Flag;

#define POLICY(name) \
    void name(const int64_t *restrict keys, Flag *restrict hits, ptrdiff_t requests, \
              Key distinct, Key capacity)
#define EACH for (ptrdiff_t i = 0; i < requests; i++)

static void *room(size_t count, size_t size) { return calloc(count, size); }

static Key *filled(size_t count, Key value) {
    Key *array = malloc(count * sizeof(Key));
    for (size_t i = 0; i < count; i++) array[i] = value;
    return array;
}

/* Chains of keys, each key by itself at first. */

typedef struct { Key before, after; } Link;

static Link *chains(size_t count) {
    Link *links = malloc(count * sizeof(Link));
    for (size_t i = 0; i < count; i++) links[i] = (Link){(Key)i, (Key)i};
    return links;
}

static inline void take_out(Link *links, Key key) {
    Link link = links[key];
    links[link.after].before = link.before;
    links[link.before].after = link.after;
}

static inline void put_behind(Link *links, Key key, Key behind) {
    Key first = links[behind].after;
    links[key] = (Link){behind, first};
    links[first].before = links[behind].after = key;
}

POLICY(fifo) {
    Key *place = filled(capacity, distinct), oldest = 0;
    Flag *is_cached = room(distinct + 1, 1);
    EACH {
        Key key = (Key)keys[i];
        if (!(hits[i] = is_cached[key])) {
            is_cached[place[oldest]] = 0;
            is_cached[key] = 1;
            place[oldest] = key;
            if (++oldest == capacity) oldest = 0;
        }
    }
    free(place), free(is_cached);
}

POLICY(clock_) {
    Key *place = filled(capacity, distinct), hand = 0;
    Flag *state = room(distinct + 1, 1); /* 0 out, 1 in, 2 used */
    EACH {
        Key key = (Key)keys[i];
        hits[i] = state[key] > 0;
        if (hits[i]) { state[key] = 2; continue; }
        while (state[place[hand]] == 2) {
            state[place[hand]] = 1;
            if (++hand == capacity) hand = 0;
        }
        state[place[hand]] = 0;
        state[key] = 1;
        place[hand] = key;
        if (++hand == capacity) hand = 0;
    }
    free(place), free(state);
}

POLICY(lru) {
    Link *links = chains(distinct + 1);
    Flag *is_cached = room(distinct, 1);
    Key end = distinct;
    EACH {
        Key key = (Key)keys[i], leaving = key;
        if (!(hits[i] = is_cached[key])) {
            is_cached[key] = 1;
            if (capacity > 0) capacity--;
            else is_cached[leaving = links[end].before] = 0;
        }
        take_out(links, leaving);
        put_behind(links, key, end);
    }
    free(links), free(is_cached);
}

POLICY(lfu) {
    Link *links = chains(distinct + 1);
    Key *uses = room(distinct + 1, sizeof(Key)), *newest = filled(requests + 2, distinct);
    Key end = distinct;
    EACH {
        Key key = (Key)keys[i], leaving = key;
        hits[i] = uses[key] > 0;
        if (!hits[i]) {
            if (capacity == 0) leaving = links[end].after;
            else capacity--;
        }
        Key row = uses[leaving], behind = links[leaving].before;
        take_out(links, leaving);
        if (newest[row] == leaving) newest[row] = uses[behind] == row ? behind : end;
        else if (hits[i]) behind = newest[row];
        if (!hits[i]) uses[leaving] = 0, behind = end;
        row = ++uses[key];
        if (newest[row] != end) behind = newest[row];
        newest[row] = key;
        put_behind(links, key, behind);
    }
    free(links), free(uses), free(newest);
}

POLICY(sieve) {
    Link *links = chains(distinct + 1);
    Flag *state = room(distinct + 1, 1); /* 0 out, 1 in, 2 used */
    Key end = distinct, hand = end;
    EACH {
        Key key = (Key)keys[i];
        hits[i] = state[key] > 0;
        if (hits[i]) { state[key] = 2; continue; }
        if (capacity > 0) capacity--;
        else {
            if (hand == end) hand = links[end].before;
            while (state[hand] == 2) {
                state[hand] = 1;
                hand = links[hand].before;
                if (hand == end) hand = links[end].before;
            }
            Key leaving = hand;
            hand = links[hand].before;
            state[leaving] = 0;
            take_out(links, leaving);
        }
        state[key] = 1;
        put_behind(links, key, end);
    }
    free(links), free(state);
}

POLICY(s3fifo) {
    Key small_size = capacity / 10 > 1 ? capacity / 10 : 1;
    Key ghost_size = (Key)((int64_t)capacity * 9 / 10);
    uint32_t wrap = 1;
    while (wrap < (uint32_t)capacity) wrap *= 2;
    Key *small = room(wrap, sizeof(Key)), *main_ = room(wrap, sizeof(Key));
    Key *ghost = malloc(requests * sizeof(Key)), *ghost_place = filled(distinct, -1);
    int8_t *uses = malloc(distinct);
    memset(uses, -1, distinct);
    uint32_t small_out = 0, small_in = 0, main_out = 0, main_in = 0;
    Key ghost_out = 0, ghost_in = 0, ghosts = 0, oldest;
    EACH {
        Key key = (Key)keys[i];
        hits[i] = uses[key] >= 0;
        if (hits[i]) { uses[key] += uses[key] < 3; continue; }
        int skips_trial = ghost_place[key] >= 0;
        if (skips_trial) ghosts--, ghost_place[key] = -1;
        int has_room = small_in - small_out + main_in - main_out < (uint32_t)capacity;
        if (has_room && small_in - small_out >= (uint32_t)small_size) skips_trial = 1;
        while (!has_room) {
            if (main_in - main_out > (uint32_t)(capacity - small_size) || small_in == small_out)
                while (!has_room) {
                    oldest = main_[main_out++ & (wrap - 1)];
                    main_[main_in & (wrap - 1)] = oldest;
                    has_room = uses[oldest]-- == 0;
                    main_in += !has_room;
                }
            while (small_in > small_out && !has_room) {
                oldest = small[small_out++ & (wrap - 1)];
                has_room = uses[oldest] < 2;
                uses[oldest] = has_room ? -1 : 0;
                if (has_room) ghost[ghost_in] = oldest, ghost_place[oldest] = ghost_in++, ghosts++;
                else main_[main_in++ & (wrap - 1)] = oldest;
            }
        }
        for (; ghosts > ghost_size; ghost_out++) {
            oldest = ghost[ghost_out];
            if (ghost_place[oldest] == ghost_out) ghosts--, ghost_place[oldest] = -1;
        }
        uses[key] = 0;
        if (skips_trial) main_[main_in++ & (wrap - 1)] = key;
        else small[small_in++ & (wrap - 1)] = key;
    }
    free(small), free(main_), free(ghost), free(ghost_place), free(uses);
}

POLICY(arc) {
    enum { NEW, ONCE, AGAIN, ONCE_GHOST, AGAIN_GHOST };
    Key end = distinct, far = distinct + 1;
    Link *links = chains(distinct + 2);
    Flag *home = room(distinct, 1);
    Key once = 0, again = 0, once_ghosts = 0, again_ghosts = 0, once_edge = end, again_edge = far;
    double target = 0, step;
    EACH {
        Key key = (Key)keys[i], leaving = key;
        Flag was_in = home[key];
        hits[i] = was_in == ONCE || was_in == AGAIN;
        switch (was_in) {
        case ONCE:
            once--;
            if (once_edge == key) once_edge = links[key].before;
            break;
        case AGAIN:
            again--;
            if (again_edge == key) again_edge = links[key].before;
            break;
        case ONCE_GHOST:
            step = (double)again_ghosts / once_ghosts;
            target += step > 1 ? step : 1;
            if (target > capacity) target = capacity;
            once_ghosts--;
            break;
        case AGAIN_GHOST:
            step = (double)once_ghosts / again_ghosts;
            target -= step > 1 ? step : 1;
            if (target < 0) target = 0;
            again_ghosts--;
            break;
        default:
            if (once + once_ghosts == capacity) {
                leaving = links[end].before;
                if (once_edge == leaving) once_edge = links[leaving].before;
                if (once_ghosts > 0) once_ghosts--;
                else once--;
            } else if (once + once_ghosts + again + again_ghosts == 2 * capacity) {
                leaving = links[far].before;
                again_ghosts--;
            }
        }
        take_out(links, leaving);
        if (leaving != key) links[leaving] = (Link){leaving, leaving}, home[leaving] = NEW;
        if (!hits[i] && once + again == capacity) {
            if (once > 0 && (once > target || (once == target && was_in == AGAIN_GHOST))) {
                home[once_edge] = ONCE_GHOST;
                once_edge = links[once_edge].before;
                once--, once_ghosts++;
            } else {
                home[again_edge] = AGAIN_GHOST;
                again_edge = links[again_edge].before;
                again--, again_ghosts++;
            }
        }
        if (was_in == NEW) {
            if (++once == 1) once_edge = key;
            home[key] = ONCE;
            put_behind(links, key, end);
        } else {
            if (++again == 1) again_edge = key;
            home[key] = AGAIN;
            put_behind(links, key, far);
        }
    }
    free(links), free(home);
}

/* As helpers/caching/eviction.py hashes: an odd number for each row of the sketch. */
static const uint32_t MULTIPLIER[4] = {0x4F1BBCDD, 0x3504F333, 0x5DB3D743, 0x52A7FA9D};

POLICY(wtinylfu) {
    enum { WINDOW, PROBATION, PROTECTED, NOWHERE };
    Key window_size = (Key)((capacity + 50) / 100), size[4] = {0};
    if (capacity % 100 == 50 && window_size % 2) window_size--; /* Python rounds halves to even */
    if (window_size < 1) window_size = 1;
    Key protected_size = (Key)((int64_t)(capacity - window_size) * 4 / 5);
    int bits = 64 - __builtin_clzll(4 * (uint64_t)capacity - 1);
    if (bits > 31) bits = 31;
    Link *links = chains(distinct + 4);
    Flag *home = malloc(distinct), *count = room(4, (size_t)1 << bits);
    memset(home, NOWHERE, distinct);
    int64_t until_halved = 10 * (int64_t)capacity;
#define CELL(key, row) \
    count[((size_t)(row) << bits) + \
          (((uint32_t)(key) * MULTIPLIER[row] & 0x7FFFFFFF) >> (31 - bits))]
    EACH {
        Key key = (Key)keys[i];
        for (int row = 0; row < 4; row++) {
            Flag *cell = &CELL(key, row);
            *cell += *cell < 15;
        }
        if (--until_halved == 0) {
            until_halved = 10 * (int64_t)capacity;
            for (size_t cell = 0; cell < (size_t)4 << bits; cell++) count[cell] /= 2;
        }
        hits[i] = home[key] != NOWHERE;
        Key moving = key;
        int goal = home[key] == PROBATION || home[key] == PROTECTED ? PROTECTED : WINDOW;
        for (;;) {
            take_out(links, moving);
            size[home[moving]]--, size[goal]++;
            home[moving] = (Flag)goal;
            if (goal == NOWHERE) links[moving] = (Link){moving, moving};
            else put_behind(links, moving, distinct + goal);
            if (size[PROTECTED] > protected_size) {
                moving = links[distinct + PROTECTED].before, goal = PROBATION;
            } else if (size[WINDOW] > window_size) {
                moving = links[distinct + WINDOW].before, goal = NOWHERE;
                if (size[WINDOW] + size[PROBATION] + size[PROTECTED] <= capacity) goal = PROBATION;
                else if (window_size < capacity) {
                    int last = size[PROBATION] > 0 ? PROBATION : PROTECTED;
                    Key victim = links[distinct + last].before;
                    Flag fame = 15, its_fame = 15;
                    for (int row = 0; row < 4; row++) {
                        Flag mine = CELL(moving, row), its = CELL(victim, row);
                        if (mine < fame) fame = mine;
                        if (its < its_fame) its_fame = its;
                    }
                    if (fame > its_fame) moving = victim;
                }
            } else break;
        }
    }
    free(links), free(home), free(count);
}

POLICY(optimal) {
    Key *last_request = filled(distinct, -1), *latest = malloc(requests * sizeof(Key));
    Key never_used = capacity - 1;
    for (Key now = 0; now < requests; now++) {
        Key key = (Key)keys[now], since = last_request[key];
        last_request[key] = now;
        latest[now] = now > 0 ? now - 1 : 0;
        hits[now] = since >= 0 && since == now - 1;
        if (since >= 0 && since < now - 1) {
            Key open = since + 1;
            while (latest[open] != open) open = latest[open] = latest[latest[open]];
            if (open > 0 || never_used > 0) {
                hits[now] = 1;
                latest[now] = now;
                if (open > 0) latest[open] = open - 1;
                else never_used--;
            }
        }
    }
    free(last_request), free(latest);
}

/* Mattson's stack distances by a Fenwick tree; 0 for a first request. */
void depths(const int64_t *restrict keys, int64_t *restrict depth, ptrdiff_t requests,
            Key distinct, Key capacity) {
    (void)capacity;
    Key *marks = room(requests + 1, sizeof(Key)), *last_request = room(distinct, sizeof(Key));
    Key known = 0;
    EACH {
        Key since = last_request[keys[i]], above;
        last_request[keys[i]] = (Key)(i + 1);
        depth[i] = 0;
        if (since > 0) {
            above = known;
            for (Key moment = since; moment > 0; moment &= moment - 1) above -= marks[moment];
            depth[i] = above + 1;
            for (Key moment = since; moment <= requests; moment += moment & -moment)
                marks[moment]--;
        } else known++;
        for (Key moment = (Key)(i + 1); moment <= requests; moment += moment & -moment)
            marks[moment]++;
    }
    free(marks), free(last_request);
}
