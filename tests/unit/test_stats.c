/* SPDX-License-Identifier: MIT */
/* test_stats.c - a run's figures: what they count, and that docs/STATS.md has them all. */
#include <json-glib/json-glib.h>
#include <string.h>

#include "machine/classify.h"
#include "machine/stats.h"
#include "tests/unit/machine_rig.h"

/* mrs r0, cpsr; svc #0; b .-8: the vector is unmapped, so that an abort follows */
static const uint32_t code[] = { 0xe10f0000, 0xe10f0000, 0xe1a00000, 0xeafffffb };

static JsonParser *figures(bool full, uint64_t stop_at)
{
    MachineConfig c = rig_config();
    g_autoptr(GString) text = g_string_new(NULL);
    JsonParser *parser = json_parser_new();
    Machine *m;

    c.stop_at = stop_at;
    c.stats_full = c.tr.host.count_units = full;
    m = rig_machine(&c, code, G_N_ELEMENTS(code));
    machine_start(m);
    machine_join(m);
    stats_text(m, 12345, text);
    cr_assert(json_parser_load_from_data(parser, text->str, -1, NULL));
    machine_free(m);
    return parser;
}

static gint64 number(JsonParser *p, const char *group, const char *name)
{
    JsonObject *o = json_node_get_object(json_parser_get_root(p));

    return json_object_get_int_member(group ? json_object_get_object_member(o, group) : o, name);
}

Test(stats, they_count_what_was_run)
{
    g_autoptr(JsonParser) p = figures(true, 4000);

    cr_expect(eq(i64, number(p, NULL, "insns"), 4000));
    cr_expect(eq(i64, number(p, NULL, "guest_ns"), 4000));
    cr_expect(eq(i64, number(p, NULL, "wall_ns"), 12345));
    cr_expect(
        eq(i64, number(p, "translated", "guest_bytes"), 4 * number(p, "translated", "insns")));
    cr_expect(eq(i64, number(p, "full", "executions"),
                 number(p, "full", "entries") + number(p, "full", "chained")));
    cr_expect(ge(i64, number(p, "full", "executions"), 990));
}

Test(stats, the_ledger_counts_by_row_and_privilege)
{
    g_autoptr(JsonParser) p = figures(false, 4000);
    JsonArray *ledger = json_object_get_array_member(json_node_get_object(json_parser_get_root(p)),
                                                     "ledger");
    JsonObject *row;

    cr_assert(eq(u32, json_array_get_length(ledger), 1));
    row = json_array_get_object_element(ledger, 0);
    cr_expect(eq(str, (char *)json_object_get_string_member(row, "instruction"), "MRS_CPSR"));
    cr_expect(eq(str, (char *)json_object_get_string_member(row, "class"), "sensitive"));
    cr_expect(eq(str, (char *)json_object_get_string_member(row, "kind"), "behaviour"));
    cr_expect(eq(i64, json_object_get_int_member(row, "user"), 0));
    cr_expect(eq(i64, json_object_get_int_member(row, "privileged"), 2000));
}

/* Names whose values are not the document's to list. */
static bool open_ended(const char *group)
{
    return g_str_equal(group, "exceptions") || g_str_equal(group, "ledger");
}

static void expect_documented(const char *text, const char *group, JsonObject *o)
{
    g_autoptr(GList) names = json_object_get_members(o);

    for (GList *k = names; k; k = k->next) {
        g_autofree char *name = group ? g_strconcat(group, ".", (char *)k->data, NULL)
                                      : g_strdup(k->data);
        g_autofree char *row = g_strdup_printf("| `%s` |", name);
        JsonNode *node = json_object_get_member(o, k->data);

        if (JSON_NODE_HOLDS_OBJECT(node) && !open_ended(k->data)) {
            expect_documented(text, name, json_node_get_object(node));
        } else if (!strchr(name, '/') && !open_ended(name)) {
            cr_expect(strstr(text, row) != NULL, "docs/STATS.md has no row %s", row);
        }
    }
}

Test(stats, each_is_in_the_document)
{
    g_autoptr(JsonParser) p = figures(true, 100);
    g_autofree char *text = NULL;

    cr_assert(g_file_get_contents("docs/STATS.md", &text, NULL, NULL));
    expect_documented(text, NULL, json_node_get_object(json_parser_get_root(p)));
}

Test(stats, a_file_that_cannot_be_written_is_named)
{
    g_autoptr(GError) error = NULL;

    cr_expect(not(stats_check("build/no/such/folder/stats", &error)));
    cr_expect(eq(str, error->message,
                 "statistics file 'build/no/such/folder/stats': "
                 "No such file or directory"));
}

Test(stats, the_classification_has_every_row_in_every_format)
{
    const GuestIsa *isa = board_virt.isa;
    g_autoptr(GString) table = g_string_new(NULL), csv = g_string_new(NULL);
    g_autoptr(GString) json = g_string_new(NULL);
    g_autoptr(JsonParser) p = json_parser_new();
    JsonArray *rows;
    g_auto(GStrv) line = NULL;

    classify_isa(isa, CLASSIFY_TABLE, table);
    classify_isa(isa, CLASSIFY_CSV, csv);
    classify_isa(isa, CLASSIFY_JSON, json);
    line = g_strsplit(g_strchomp(csv->str), "\n", -1);
    cr_expect(eq(u32, g_strv_length(line), isa->n_insns + 1));
    cr_assert(json_parser_load_from_data(p, json->str, -1, NULL));
    rows = json_object_get_array_member(json_node_get_object(json_parser_get_root(p)),
                                        "instructions");
    cr_expect(eq(u32, json_array_get_length(rows), isa->n_insns));
    for (unsigned i = 0; i < isa->n_insns; i++) {
        cr_expect(strstr(table->str, isa->insn(i)->name) != NULL);
        cr_expect(g_str_has_prefix(line[i + 1], isa->insn(i)->name));
    }
    cr_expect(strstr(table->str, "by location:") != NULL);
}
