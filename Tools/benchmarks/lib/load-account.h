// What both ends of the load run make of a set of numbers: how many they are, and a sum that one number more, less or another changes.
#include <stdint.h>

struct account {
    uint64_t count, sum;
};

// SplitMix64's last step (Steele et al., OOPSLA 2014).
static inline uint64_t mixed(uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static inline void add(struct account *account, uint64_t thousandths) {
    account->count++;
    account->sum += mixed(thousandths);
}
