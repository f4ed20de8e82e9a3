/* The K largest of a stream, in a heap whose root is the least of them. Of equal values the lower number counts as the larger, so that the
 * result does not depend on the order of the stream. */
#include "geometry_parts.h"

static bool less(const top_entry *a, const top_entry *b)
{
    return a->value < b->value || (a->value == b->value && a->number > b->number);
}

static void sink(top_entry *heap, int64_t held, int64_t at)
{
    top_entry moved = heap[at];
    for (int64_t child; (child = 2 * at + 1) < held; at = child) {
        if (child + 1 < held && less(heap + child + 1, heap + child)) child++;
        if (!less(heap + child, &moved)) break;
        heap[at] = heap[child];
    }
    heap[at] = moved;
}

void atomsi_top_offer(top_entry *heap, int64_t *held, int64_t capacity, double value, int64_t number)
{
    top_entry entry = {value, number};
    if (*held == capacity) {
        if (!less(heap, &entry)) return;
        heap[0] = entry;
        sink(heap, *held, 0);
        return;
    }
    int64_t at = (*held)++;
    for (; at && less(&entry, heap + (at - 1) / 2); at = (at - 1) / 2) heap[at] = heap[(at - 1) / 2];
    heap[at] = entry;
}

void atomsi_top_sort(top_entry *heap, int64_t held)
{
    while (held > 1) {
        top_entry least = heap[0];
        heap[0] = heap[--held];
        sink(heap, held, 0);
        heap[held] = least;
    }
}
