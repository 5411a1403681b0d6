// Random numbers: xoshiro256++ (Blackman and Vigna 2021, doi:10.1145/3460772), seeded through SplitMix64.
#pragma once
#include <cmath>
#include <cstdint>

class Random {
public:
    explicit Random(uint64_t seed) {
        for (auto& word : state) {
            seed += 0x9E3779B97F4A7C15ull;
            uint64_t z = seed;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
            word = z ^ (z >> 31);
        }
    }

    // Uniform on (0, 1): 53 bits, never 0.
    double uniform() { return (static_cast<double>(next() >> 11) + 0.5) * 0x1p-53; }

    double exponential(double mean) { return -std::log(uniform()) * mean; }

    uint32_t below(uint32_t n) { return static_cast<uint32_t>(((next() >> 32) * n) >> 32); }

private:
    uint64_t state[4];

    static uint64_t rotate(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

    uint64_t next() {
        const uint64_t result = rotate(state[0] + state[3], 23) + state[0];
        const uint64_t shifted = state[1] << 17;
        state[2] ^= state[0];
        state[3] ^= state[1];
        state[1] ^= state[2];
        state[0] ^= state[3];
        state[2] ^= shifted;
        state[3] = rotate(state[3], 45);
        return result;
    }
};
