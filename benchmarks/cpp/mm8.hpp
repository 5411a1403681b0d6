// M/M/8, as ``benchmarks/models.py`` defines it.
#pragma once
#include <queue>

#include "events.hpp"
#include "parameters.hpp"
#include "random.hpp"
#include "tally.hpp"

template <template <int, int> class EventList>
Tally run_mm8(double horizon, Random& draws) {
    using p = parameters::mm8;
    enum { ARRIVE, DEPART };
    Tally tally;
    EventList<0, 1> events;
    std::queue<double> waiting;         // arrival times
    double in_service[p::n_servers];    // arrival times
    uint32_t idle[p::n_servers], n_idle = p::n_servers;
    for (uint32_t i = 0; i < n_idle; ++i) idle[i] = i;

    const auto start = [&](double now, uint32_t server, double arrived) {
        in_service[server] = arrived;
        events.at(now + draws.exponential(p::service_mean_s), server, DEPART);
    };
    events.arrival(0, draws.exponential(1.0 / p::arrival_rps), ARRIVE);
    for (;;) {
        const Event event = events.pop();
        const double now = event.time();
        if (now > horizon) return tally;
        ++tally.events;
        if (event.type() == ARRIVE) {
            events.arrival(0, now + draws.exponential(1.0 / p::arrival_rps), ARRIVE);
            if (n_idle > 0) {
                start(now, idle[--n_idle], now);
            } else {
                waiting.push(now);
            }
        } else {
            tally.complete(now - in_service[event.slot()]);
            if (waiting.empty()) {
                idle[n_idle++] = event.slot();
            } else {
                start(now, event.slot(), waiting.front());
                waiting.pop();
            }
        }
    }
}
