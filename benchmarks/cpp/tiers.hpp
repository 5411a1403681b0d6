// T: two tiers with timeout, back-off and three tries, as ``benchmarks/models.py`` defines it.
#pragma once
#include "events.hpp"
#include "parameters.hpp"
#include "pool.hpp"
#include "random.hpp"
#include "tally.hpp"

template <template <int, int> class EventList>
class TiersRun {
public:
    TiersRun(double horizon, Random& draws) : horizon(horizon), draws(draws) {}

    Tally run() {
        events.arrival(0, draws.exponential(1.0 / p::arrival_rps), ARRIVE);
        for (;;) {
            const Event event = events.pop();
            now = event.time();
            if (now > horizon) return tally;
            const uint32_t slot = event.slot();
            switch (event.type()) {
                case ARRIVE: arrive(); break;
                case SERVED: if (event.sequence() == jobs[slot].step_sequence) served(slot); break;
                case DEADLINE: if (event.sequence() == jobs[slot].deadline_sequence) timed_out(slot); break;
                case RETRY: attempt(slot); break;
            }
        }
    }

private:
    enum { ARRIVE, SERVED, DEADLINE, RETRY };
    struct p { // the numbers of both tiers as arrays
        static constexpr double arrival_rps = parameters::tiers::arrival_rps;
        static constexpr double timeout_s = parameters::tiers::timeout_s;
        static constexpr double mean_s[2] = {parameters::tiers::web_mean_s, parameters::tiers::db_mean_s};
        static constexpr const double* backoff_s = parameters::tiers::backoff_s;
    };
    static constexpr int DEADLINES = 0, BACKOFFS = 1, N_LANES = 3; // a back-off lane for each wait

    double horizon, now = 0.0;
    Random& draws;
    Tally tally;
    EventList<N_LANES, 1> events;
    Slab jobs;
    Pool tiers[2] = {Pool(parameters::tiers::web_servers), Pool(parameters::tiers::db_servers)};

    void arrive() {
        ++tally.events;
        events.arrival(0, now + draws.exponential(1.0 / p::arrival_rps), ARRIVE);
        const uint32_t slot = jobs.take();
        jobs[slot].arrived = now;
        jobs[slot].pool = 0;
        jobs[slot].tries = 0;
        begin(slot);
    }

    void attempt(uint32_t slot) {
        ++tally.events;
        begin(slot);
    }

    void begin(uint32_t slot) {
        Job& job = jobs[slot];
        job.deadline_sequence = events.in_lane(DEADLINES, now + p::timeout_s, slot, DEADLINE);
        if (tiers[job.pool].enter(jobs, slot)) serve(slot);
    }

    void serve(uint32_t slot) {
        Job& job = jobs[slot];
        job.step_sequence = events.at(now + draws.exponential(p::mean_s[job.pool]), slot, SERVED);
    }

    void leave(uint32_t slot) {
        const uint32_t successor = tiers[jobs[slot].pool].leave(jobs, slot);
        if (successor != NONE) serve(successor);
    }

    void served(uint32_t slot) {
        ++tally.events;
        leave(slot);
        Job& job = jobs[slot];
        if (job.pool == 1) {
            tally.complete(now - job.arrived);
            jobs.give_back(slot);
            return;
        }
        job.pool = 1;
        job.tries = 0;
        begin(slot);
    }

    void timed_out(uint32_t slot) {
        ++tally.events;
        leave(slot);
        Job& job = jobs[slot];
        job.step_sequence = 0;
        if (job.tries == 2) {
            ++tally.failed;
            jobs.give_back(slot);
            return;
        }
        const int wait = job.tries++;
        events.in_lane(BACKOFFS + wait, now + p::backoff_s[wait], slot, RETRY);
    }
};
