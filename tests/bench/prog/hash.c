/* SPDX-License-Identifier: MIT */
/* hash.c - a table of chains: insert, find and remove. */
#include "tests/bench/bench.h"

enum { BUCKETS = 1024, NODES = 16384, ROUNDS = 36 };

const char bench_name[] = "int.hash";

typedef struct Node {
    struct Node *next;
    uint32_t key;
    uint32_t value;
} Node;

static Node *buckets[BUCKETS], *unused, nodes[NODES];

static Node **bucket(uint32_t key) { return &buckets[(key * 2654435761u) >> 22]; }

static Node *find(uint32_t key)
{
    Node *n = *bucket(key);

    while (n && n->key != key) {
        n = n->next;
    }
    return n;
}

static void insert(uint32_t key, uint32_t value)
{
    Node *n = unused, **b = bucket(key);

    if (n) {
        unused = n->next;
        n->key = key;
        n->value = value;
        n->next = *b;
        *b = n;
    }
}

static void take_out(uint32_t key)
{
    Node **link = bucket(key), *n;

    while (*link && (*link)->key != key) {
        link = &(*link)->next;
    }
    n = *link;
    if (n) {
        *link = n->next;
        n->next = unused;
        unused = n;
    }
}

uint32_t bench_run(void)
{
    uint32_t sum = 0;

    for (int i = 0; i < NODES; i++) {
        nodes[i].next = unused;
        unused = &nodes[i];
    }
    for (uint32_t round = 0; round < ROUNDS; round++) {
        uint32_t state = 5 + round;

        for (uint32_t i = 0; i < NODES; i++) {
            insert(bench_random(&state) & 0xffff, i);
        }
        for (uint32_t key = 0; key < 0x10000; key += 3) {
            const Node *n = find(key);

            sum = bench_mix(sum, n ? n->value : key);
        }
        for (uint32_t key = 0; key < 0x10000; key++) {
            take_out(key);
        }
    }
    return sum;
}
