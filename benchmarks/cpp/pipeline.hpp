// P: two regions, cache, network, six pools each, fail-over, as ``benchmarks/models.py`` defines it.
#pragma once
#include <vector>

#include "events.hpp"
#include "parameters.hpp"
#include "pool.hpp"
#include "random.hpp"
#include "tally.hpp"

template <template <int, int> class EventList>
class PipelineRun {
public:
    PipelineRun(double horizon, Random& draws) : horizon(horizon), draws(draws) {}

    Tally run() {
        for (uint32_t stream = 0; stream < N_STREAMS; ++stream) next_arrival(stream);
        for (;;) {
            const Event event = events.pop();
            now = event.time();
            if (now > horizon) return tally;
            const uint32_t slot = event.slot();
            if (event.type() == ARRIVE) {
                arrive(slot);
            } else if (event.type() == DEADLINE) {
                if (event.sequence() == jobs[slot].deadline_sequence) timed_out(slot);
            } else if (event.sequence() == jobs[slot].step_sequence) {
                step(event.type(), slot);
            }
        }
    }

private:
    enum { ARRIVE, DEADLINE, CACHED, REACHED, SERVED, ANSWERED, RETRY };
    // Lanes: two for back-offs, one a wait; two for deadlines, one a workload.
    enum { CACHE_LANE, NEAR_LANE, FAR_LANE, BACKOFF_LANE, DEADLINE_LANE = 5, N_LANES = 7 };
    static constexpr uint32_t N_WORKLOADS = 2, N_REGIONS = parameters::pipeline::n_regions;
    static constexpr uint32_t N_STREAMS = N_REGIONS * N_WORKLOADS; // stream = region * workloads + workload
    struct p : parameters::pipeline {};

    double horizon, now = 0.0;
    Random& draws;
    Tally tally;
    EventList<N_LANES, N_STREAMS> events;
    Slab jobs;
    std::vector<Pool> pools = std::vector<Pool>(N_REGIONS * p::n_pools, Pool(p::pool_servers));

    void next_arrival(uint32_t stream) {
        const double rate = p::arrival_rps[stream % N_WORKLOADS];
        events.arrival(static_cast<int>(stream), now + draws.exponential(1.0 / rate), ARRIVE);
    }

    void arrive(uint32_t stream) {
        ++tally.events;
        next_arrival(stream);
        const uint32_t slot = jobs.take();
        Job& job = jobs[slot];
        job.arrived = now;
        job.stream = static_cast<uint8_t>(stream);
        job.tries = 0;
        job.step_sequence = events.in_lane(CACHE_LANE, now + p::cache_s, slot, CACHED);
    }

    void step(uint32_t type, uint32_t slot) {
        ++tally.events;
        switch (type) {
            case CACHED: draws.uniform() < p::hit_probability ? complete(slot) : send(slot); break;
            case REACHED: if (pools[jobs[slot].pool].enter(jobs, slot)) serve(slot); break;
            case SERVED: leave(slot); travel(slot, ANSWERED); break;
            case ANSWERED: complete(slot); break;
            case RETRY: send(slot); break;
        }
    }

    void send(uint32_t slot) {
        Job& job = jobs[slot];
        const uint32_t home = job.stream / N_WORKLOADS;
        const uint32_t region = job.tries < 2 ? home : (home + 1) % N_REGIONS;
        const uint32_t one = region * p::n_pools + draws.below(p::n_pools);
        const uint32_t other = region * p::n_pools + draws.below(p::n_pools);
        job.pool = static_cast<uint16_t>(pools[other].in_system < pools[one].in_system ? other : one);
        const uint32_t workload = job.stream % N_WORKLOADS;
        const int lane = DEADLINE_LANE + static_cast<int>(workload);
        job.deadline_sequence = events.in_lane(lane, now + p::timeout_s[workload], slot, DEADLINE);
        travel(slot, REACHED);
    }

    void travel(uint32_t slot, uint32_t type) {
        Job& job = jobs[slot];
        const bool near = job.tries < 2;
        const double way = near ? p::near_s : p::far_s;
        job.step_sequence = events.in_lane(near ? NEAR_LANE : FAR_LANE, now + way, slot, type);
    }

    void serve(uint32_t slot) {
        jobs[slot].step_sequence = events.at(now + draws.exponential(p::service_mean_s), slot, SERVED);
    }

    void leave(uint32_t slot) {
        const uint32_t successor = pools[jobs[slot].pool].leave(jobs, slot);
        if (successor != NONE) serve(successor);
    }

    void complete(uint32_t slot) {
        tally.complete(now - jobs[slot].arrived);
        jobs.give_back(slot);
    }

    void timed_out(uint32_t slot) {
        ++tally.events;
        Job& job = jobs[slot];
        if (job.place != Place::ELSEWHERE) leave(slot);
        job.step_sequence = job.deadline_sequence = 0;
        if (job.tries == 2) {
            ++tally.failed;
            jobs.give_back(slot);
            return;
        }
        const int wait = job.tries++;
        job.step_sequence = events.in_lane(BACKOFF_LANE + wait, now + p::backoff_s[wait], slot, RETRY);
    }
};
