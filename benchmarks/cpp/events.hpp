// Two event lists with one face, so that the models are written once.
//
// An event is one 128-bit word: the bits of its time (never negative, so they order like integers), then a
// key, sequence << 28 | slot << 4 | type. Earlier is smaller, ties go by order of scheduling, and comparing
// takes no branch. There is no cancel: the model remembers the sequence that it still expects for a slot and
// ignores any other.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

class Event {
public:
    Event() = default; // later than any
    Event(double time, uint64_t sequence, uint32_t slot, uint32_t type)
        : word(static_cast<unsigned __int128>(std::bit_cast<uint64_t>(time)) << 64 |
               (sequence << 28 | static_cast<uint64_t>(slot) << 4 | type)) {}

    double time() const { return std::bit_cast<double>(static_cast<uint64_t>(word >> 64)); }
    uint64_t sequence() const { return static_cast<uint64_t>(word) >> 28; }
    uint32_t slot() const { return static_cast<uint32_t>(static_cast<uint64_t>(word) >> 4) & 0xFFFFFF; }
    uint32_t type() const { return static_cast<uint32_t>(word) & 15; }
    bool operator<(const Event& other) const { return word < other.word; }
    bool operator>(const Event& other) const { return word > other.word; }

private:
    unsigned __int128 word = ~static_cast<unsigned __int128>(0);
};

// The standard library's binary heap for everything.
template <int n_lanes, int n_streams>
class PriorityQueue {
public:
    uint64_t at(double time, uint32_t slot, uint32_t type) {
        heap.emplace(time, ++sequence, slot, type);
        return sequence;
    }
    uint64_t in_lane(int /*lane*/, double time, uint32_t slot, uint32_t type) { return at(time, slot, type); }
    void arrival(int stream, double time, uint32_t type) { at(time, static_cast<uint32_t>(stream), type); }

    Event pop() {
        const Event next = heap.top();
        heap.pop();
        return next;
    }

private:
    std::priority_queue<Event, std::vector<Event>, std::greater<>> heap;
    uint64_t sequence = 0;
};

// A ring of events that come out in the order they went in.
class Lane {
public:
    void push(Event event) {
        if (count == ring.size()) grow();
        ring[(head + count++) & (ring.size() - 1)] = event;
    }
    void pop() {
        head = (head + 1) & (ring.size() - 1);
        --count;
    }
    bool empty() const { return count == 0; }
    const Event& front() const { return ring[head]; }

private:
    std::vector<Event> ring = std::vector<Event>(1024);
    size_t head = 0, count = 0;

    void grow() {
        std::vector<Event> larger(2 * ring.size());
        for (size_t i = 0; i < count; ++i) larger[i] = ring[(head + i) & (ring.size() - 1)];
        ring.swap(larger);
        head = 0;
    }
};

// A 4-ary heap, padded with events that never come so that a node always has four children to compare.
class FourAryHeap {
public:
    const Event& front() const { return items[0]; }

    void push(Event event) {
        size_t hole = count++;
        if (items.size() < 4 * count + 8) items.resize(2 * items.size());
        while (hole > 0) {
            const size_t parent = (hole - 1) >> 2;
            if (!(event < items[parent])) break;
            items[hole] = items[parent];
            hole = parent;
        }
        items[hole] = event;
    }

    void pop() {
        const Event last = items[--count];
        items[count] = Event();
        if (count == 0) return;
        size_t hole = 0;
        for (;;) {
            const size_t first = 4 * hole + 1;
            const size_t left = first + (items[first + 1] < items[first]);
            const size_t right = first + 2 + (items[first + 3] < items[first + 2]);
            const size_t least = items[right] < items[left] ? right : left;
            if (!(items[least] < last)) break;
            items[hole] = items[least];
            hole = least;
        }
        items[hole] = last;
    }

private:
    std::vector<Event> items = std::vector<Event>(4096);
    size_t count = 0;
};

// A lane for each constant delay, a scalar for each stream of arrivals, a 4-ary heap for the rest. The heads
// of all of them stand side by side, so that the next event is the least of a short array.
template <int n_lanes, int n_streams>
class Lanes {
public:
    uint64_t at(double time, uint32_t slot, uint32_t type) {
        heap.push(Event(time, ++sequence, slot, type));
        heads[HEAP] = heap.front();
        return sequence;
    }
    uint64_t in_lane(int lane, double time, uint32_t slot, uint32_t type) {
        const Event event(time, ++sequence, slot, type);
        if (lanes[lane].empty()) heads[lane] = event;
        lanes[lane].push(event);
        return sequence;
    }
    void arrival(int stream, double time, uint32_t type) {
        heads[n_lanes + stream] = Event(time, ++sequence, static_cast<uint32_t>(stream), type);
    }

    Event pop() {
        Event next = heads[0];
        int least = 0;
        for (int i = 1; i <= HEAP; ++i) {
            least = heads[i] < next ? i : least;
            next = heads[i] < next ? heads[i] : next;
        }
        if (least < n_lanes) {
            lanes[least].pop();
            heads[least] = lanes[least].empty() ? Event() : lanes[least].front();
        } else if (least == HEAP) {
            heap.pop();
            heads[HEAP] = heap.front();
        } else {
            heads[least] = Event();
        }
        return next;
    }

private:
    static constexpr int HEAP = n_lanes + n_streams;
    Lane lanes[n_lanes > 0 ? n_lanes : 1];
    Event heads[HEAP + 1];
    FourAryHeap heap;
    uint64_t sequence = 0;
};
