// What a replication counts. Stale events are not counted as events.
#pragma once
#include <cstdint>

struct Tally {
    uint64_t completed = 0, failed = 0, events = 0;
    double latency_sum = 0.0;

    void complete(double latency) {
        ++completed;
        latency_sum += latency;
    }
};
