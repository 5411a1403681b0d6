// usage: loop heap|lanes MODEL HORIZON_S N_REPLICATIONS SEED
// Prints one line for each replication (completed, failed, sum of latencies, events), then the wall seconds
// of all of them.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "mm8.hpp"
#include "pipeline.hpp"
#include "tiers.hpp"

template <template <int, int> class EventList>
Tally replicate(const std::string& model, double horizon, Random draws) {
    if (model == "mm8") return run_mm8<EventList>(horizon, draws);
    if (model == "tiers") return TiersRun<EventList>(horizon, draws).run();
    if (model == "pipeline") return PipelineRun<EventList>(horizon, draws).run();
    std::fprintf(stderr, "unknown model %s\n", model.c_str());
    std::exit(2);
}

int main(int argc, char** argv) {
    if (argc != 6) {
        std::fprintf(stderr, "usage: %s heap|lanes MODEL HORIZON_S N_REPLICATIONS SEED\n", argv[0]);
        return 2;
    }
    const std::string variant = argv[1], model = argv[2];
    const double horizon = std::strtod(argv[3], nullptr);
    const uint64_t n_replications = std::strtoull(argv[4], nullptr, 10);
    const uint64_t seed = std::strtoull(argv[5], nullptr, 10);

    std::vector<Tally> tallies;
    const auto start = std::chrono::steady_clock::now();
    for (uint64_t replication = 0; replication < n_replications; ++replication) {
        const Random draws(seed << 32 | replication);
        tallies.push_back(variant == "heap" ? replicate<PriorityQueue>(model, horizon, draws)
                                            : replicate<Lanes>(model, horizon, draws));
    }
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    for (const Tally& tally : tallies) {
        std::printf("%llu %llu %.17g %llu\n", static_cast<unsigned long long>(tally.completed),
                    static_cast<unsigned long long>(tally.failed), tally.latency_sum,
                    static_cast<unsigned long long>(tally.events));
    }
    std::printf("%.9f\n", wall.count());
    return 0;
}
