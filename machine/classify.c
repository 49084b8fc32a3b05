/* SPDX-License-Identifier: MIT */
/* classify.c - see classify.h. */
#include "machine/classify.h"

#include <json-glib/json-glib.h>

#include "machine/classes.h"

static const char *user_mode(const InsnInfo *i) { return i->traps_in_user ? "traps" : "runs"; }

/* ---- for people ---- */

static void sum_up(const GuestIsa *isa, GString *out)
{
    unsigned by_class[N_SENSITIVITIES] = { 0 };

    for (unsigned i = 0; i < isa->n_insns; i++) {
        by_class[isa->insn(i)->sens]++;
    }
    g_string_append_printf(out,
                           "\n%u rows: %u innocuous, %u privileged, %u sensitive without a trap "
                           "(%u control, %u behaviour)\n",
                           isa->n_insns, by_class[SENS_INNOCUOUS], by_class[SENS_PRIVILEGED],
                           by_class[SENS_SENSITIVE_CONTROL] + by_class[SENS_SENSITIVE_BEHAVIOUR],
                           by_class[SENS_SENSITIVE_CONTROL], by_class[SENS_SENSITIVE_BEHAVIOUR]);
}

static void as_table(const GuestIsa *isa, GString *out)
{
    static const char format[] = "%-20s %-14s %-11s %-10s %-6s %-11s %s\n";

    g_string_append_printf(out, format, "instruction", "encoding", "class", "kind", "user",
                           "handled", "section");
    for (unsigned i = 0; i < isa->n_insns; i++) {
        const InsnInfo *row = isa->insn(i);

        g_string_append_printf(out, format, row->name, row->encoding, class_name(row->sens),
                               class_kind(row->sens), user_mode(row), class_handling(row->how),
                               row->spec);
    }
    sum_up(isa, out);
    if (isa->location) {
        g_string_append_printf(out, "\nby location:\n%s", isa->location);
    }
}

/* ---- for programs ---- */

/* RFC 4180: a field with a comma or a quote is quoted, quotes in it doubled. */
static void csv_field(GString *out, const char *text, char end)
{
    if (strpbrk(text, ",\"")) {
        g_string_append_c(out, '"');
        for (; *text; text++) {
            g_string_append_printf(out, *text == '"' ? "\"%c" : "%c", *text);
        }
        g_string_append_c(out, '"');
    } else {
        g_string_append(out, text);
    }
    g_string_append_c(out, end);
}

static void as_csv(const GuestIsa *isa, GString *out)
{
    g_string_append(out, "instruction,encoding,class,kind,user,handled,section\n");
    for (unsigned i = 0; i < isa->n_insns; i++) {
        const InsnInfo *row = isa->insn(i);

        csv_field(out, row->name, ',');
        csv_field(out, row->encoding, ',');
        csv_field(out, class_name(row->sens), ',');
        csv_field(out, class_kind(row->sens), ',');
        csv_field(out, user_mode(row), ',');
        csv_field(out, class_handling(row->how), ',');
        csv_field(out, row->spec, '\n');
    }
}

static void json_row(JsonBuilder *b, const InsnInfo *row)
{
    const char *const member[][2] = {
        { "instruction", row->name },       { "encoding", row->encoding },
        { "class", class_name(row->sens) }, { "kind", class_kind(row->sens) },
        { "user", user_mode(row) },         { "handled", class_handling(row->how) },
        { "section", row->spec },
    };

    json_builder_begin_object(b);
    for (unsigned i = 0; i < G_N_ELEMENTS(member); i++) {
        json_builder_set_member_name(b, member[i][0]);
        json_builder_add_string_value(b, member[i][1]);
    }
    json_builder_end_object(b);
}

static void as_json(const GuestIsa *isa, GString *out)
{
    g_autoptr(JsonBuilder) b = json_builder_new();
    g_autoptr(JsonNode) root = NULL;
    g_autofree char *text = NULL;

    json_builder_begin_object(b);
    json_builder_set_member_name(b, "isa");
    json_builder_add_string_value(b, isa->name);
    json_builder_set_member_name(b, "instructions");
    json_builder_begin_array(b);
    for (unsigned i = 0; i < isa->n_insns; i++) {
        json_row(b, isa->insn(i));
    }
    json_builder_end_array(b);
    json_builder_set_member_name(b, "location");
    json_builder_add_string_value(b, isa->location ? isa->location : "");
    json_builder_end_object(b);
    root = json_builder_get_root(b);
    text = json_to_string(root, TRUE);
    g_string_append_printf(out, "%s\n", text);
}

void classify_isa(const GuestIsa *isa, ClassifyFormat format, GString *out)
{
    switch (format) {
    case CLASSIFY_TABLE: as_table(isa, out); break;
    case CLASSIFY_CSV: as_csv(isa, out); break;
    case CLASSIFY_JSON: as_json(isa, out); break;
    }
}
