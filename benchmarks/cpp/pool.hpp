// Identical servers behind one unbounded FIFO queue, threaded through the slots of the jobs, so that a job
// leaves it in O(1) from anywhere.
#pragma once
#include <cstdint>
#include <vector>

constexpr uint32_t NONE = 0xFFFFFFFF;

enum class Place : uint8_t { ELSEWHERE, QUEUE, SERVICE };

struct Job {
    uint64_t step_sequence = 0;     // the event that moves the request on; any other is stale
    uint64_t deadline_sequence = 0; // the deadline of the try
    double arrived = 0.0;
    uint32_t previous = NONE, next = NONE;
    uint16_t pool = 0;
    uint8_t tries = 0;
    uint8_t stream = 0;
    Place place = Place::ELSEWHERE;
};

// Jobs in flight, with a free list.
class Slab {
public:
    Job& operator[](uint32_t slot) { return jobs[slot]; }

    uint32_t take() {
        if (free.empty()) {
            jobs.emplace_back();
            return static_cast<uint32_t>(jobs.size() - 1);
        }
        const uint32_t slot = free.back();
        free.pop_back();
        return slot;
    }

    // What is still scheduled for the slot becomes stale.
    void give_back(uint32_t slot) {
        jobs[slot].step_sequence = jobs[slot].deadline_sequence = 0;
        free.push_back(slot);
    }

private:
    std::vector<Job> jobs;
    std::vector<uint32_t> free;
};

struct Pool {
    uint32_t idle, in_system = 0, first = NONE, last = NONE;

    explicit Pool(uint32_t n_servers) : idle(n_servers) {}

    // Return whether the job starts service now; otherwise it queues.
    bool enter(Slab& jobs, uint32_t slot) {
        ++in_system;
        Job& job = jobs[slot];
        if (idle > 0) {
            --idle;
            job.place = Place::SERVICE;
            return true;
        }
        job.place = Place::QUEUE;
        job.previous = last;
        job.next = NONE;
        (last == NONE ? first : jobs[last].next) = slot;
        last = slot;
        return false;
    }

    // Remove the job from queue or service; return the job that takes over its server, or NONE.
    uint32_t leave(Slab& jobs, uint32_t slot) {
        --in_system;
        Job& job = jobs[slot];
        const Place place = job.place;
        job.place = Place::ELSEWHERE;
        if (place == Place::QUEUE) {
            unlink(jobs, job);
            return NONE;
        }
        if (first == NONE) {
            ++idle;
            return NONE;
        }
        const uint32_t successor = first;
        unlink(jobs, jobs[successor]);
        jobs[successor].place = Place::SERVICE;
        return successor;
    }

private:
    void unlink(Slab& jobs, const Job& job) {
        (job.previous == NONE ? first : jobs[job.previous].next) = job.next;
        (job.next == NONE ? last : jobs[job.next].previous) = job.previous;
    }
};
