/* SPDX-License-Identifier: MIT */
/* test_gdb.c - gdb's remote protocol: packets, hostile ones too, and what each command answers. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frontend/arm/arm.h"
#include "machine/gdb.h"
#include "machine/gdb_packet.h"
#include "tests/unit/machine_rig.h"

/* ---- packets ---- */

/* The events of @bytes, a letter each: P(ayload), B(ad), L(ong), I(nterrupt), A(ck), N(ak). */
static char *events(GdbReader *r, const char *bytes, size_t n)
{
    GString *out = g_string_new(NULL);

    for (size_t i = 0; i < n; i++) {
        GdbEvent e = gdb_read(r, (uint8_t)bytes[i]);

        if (e == GDB_PACKET) {
            g_string_append_printf(out, "P(%s)", r->data);
        } else if (e != GDB_NOTHING) {
            g_string_append_c(out, "..BLIAN"[e]);
        }
    }
    return g_string_free(out, FALSE);
}

typedef struct ReadCase {
    const char *in;
    char *out;
} ReadCase;

Test(gdb, packets_are_found_in_whatever_comes)
{
    static const ReadCase cases[] = {
        { "$g#67", "P(g)" },
        { "$#00", "P()" },
        { "+$g#67+", "AP(g)A" },
        { "-\x03", "NI" },
        { "noise$g#67noise", "P(g)" },
        { "$g#68", "B" },
        { "$g#6", "" },
        { "$g#zz", "B" },
        { "$g#6 $g#67", "BP(g)" },
        { "#67", "" },
        { "$m12$g#67", "P(g)" }, /* cut short, begun again */
        { "$}\x03#80", "P(#)" }, /* escaped */
        { "$a}]b#9d", "P(a}b)" },
        { "$}", "" },
        { "$G#6E$G#4e$G#47", "BBP(G)" },
        { "$\x03#03", "P(\x03)" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GdbReader *r = g_new0(GdbReader, 1);
        g_autofree char *got = events(r, cases[i].in, strlen(cases[i].in));

        cr_expect(eq(str, got, cases[i].out), "%s", cases[i].in);
        g_free(r);
    }
}

Test(gdb, a_packet_too_long_is_told_and_forgotten)
{
    for (int more = 0; more < 2; more++) {
        GdbReader *r = g_new0(GdbReader, 1);
        g_autoptr(GString) in = g_string_new("$");
        g_autofree char *got = NULL;
        unsigned sum = 0;

        for (int i = 0; i < GDB_PACKET_MAX + more; i++) {
            g_string_append_c(in, 'x');
            sum += 'x';
        }
        g_string_append_printf(in, "#%02x", sum & 0xff);
        got = events(r, in->str, in->len);
        cr_expect(eq(int, got[0], more ? 'L' : 'P'));
        cr_expect(eq(int, (int)gdb_read(r, '$'), GDB_NOTHING));
        cr_expect(eq(int, (int)r->n, 0));
        g_free(r);
    }
}

Test(gdb, a_frame_reads_back_as_it_was)
{
    GdbReader *r = g_new0(GdbReader, 1);
    g_autoptr(GString) out = g_string_new(NULL);
    char all[256];
    GdbEvent last = GDB_NOTHING;

    for (int i = 0; i < 256; i++) {
        all[i] = (char)i;
    }
    gdb_frame(out, all, sizeof(all));
    for (gsize i = 0; i < out->len; i++) {
        last = gdb_read(r, (uint8_t)out->str[i]);
    }
    cr_assert(eq(int, (int)last, GDB_PACKET));
    cr_assert(eq(int, (int)r->n, 256));
    cr_assert(eq(int, memcmp(r->data, all, 256), 0));
    g_free(r);
}

Test(gdb, numbers_have_1_to_16_digits)
{
    static const struct {
        const char *text;
        bool good;
        uint64_t value;
    } cases[] = {
        { "0", true, 0 },
        { "fFfF", true, 0xffff },
        { "ffffffffffffffff", true, UINT64_MAX },
        { "10000000000000000", false, 0 },
        { "", false, 0 },
        { "-1", false, 0 },
        { "x", false, 0 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GdbText t = { cases[i].text, cases[i].text + strlen(cases[i].text) };
        uint64_t value = 0;

        cr_expect(eq(int, gdb_take_hex(&t, &value), cases[i].good), "%s", cases[i].text);
        cr_expect(eq(u64, value, cases[i].value), "%s", cases[i].text);
        cr_expect(eq(int, gdb_at_end(&t), cases[i].good || *cases[i].text == '\0'));
    }
}

/* ---- a session ---- */

typedef struct Rig {
    Machine *m;
    Chardev *chr;
    Gdb *gdb;
    int peer, ours;
} Rig;

/* add r0, r0, #1; add r1, r1, #1; udf #0; b .-12; data */
static const uint32_t code[] = { 0xe2800001, 0xe2811001, 0xe7f000f0, 0xeafffffb, 0x12345678 };

static Rig setup_rig(void)
{
    MachineConfig c = rig_config();
    Rig r = { 0 };
    int fds[2];

    c.start_stopped = true;
    r.m = rig_machine(&c, code, G_N_ELEMENTS(code));
    cr_assert(eq(int, socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0));
    r.ours = fds[0];
    r.peer = fds[1];
    r.chr = chardev_from_fds(r.ours, r.ours, NULL);
    r.gdb = gdb_new(r.m, r.chr);
    gdb_peer(r.gdb, true);
    return r;
}

static void drop_rig(Rig *r)
{
    gdb_free(r->gdb);
    chardev_free(r->chr);
    machine_free(r->m);
    close(r->ours);
    close(r->peer);
}

/* What the stub sends for @bytes, as it is on the wire. */
static char *wire(Rig *r, const char *bytes, size_t n)
{
    GString *out = g_string_new(NULL);
    char piece[4096];
    ssize_t got;

    gdb_input(r->gdb, (const uint8_t *)bytes, n);
    chardev_flush(r->chr, 1000);
    while ((got = recv(r->peer, piece, sizeof(piece), MSG_DONTWAIT)) > 0) {
        g_string_append_len(out, piece, got);
    }
    return g_string_free(out, FALSE);
}

static void expect_reply(Rig *r, const char *packet, const char *reply)
{
    g_autoptr(GString) in = g_string_new(NULL), want = g_string_new("+");
    g_autofree char *got = NULL;

    gdb_frame(in, packet, strlen(packet));
    gdb_frame(want, reply, strlen(reply));
    got = wire(r, in->str, in->len);
    cr_expect(eq(str, got, want->str), "%.80s", packet);
}

/* Packets and replies; none of them changes what another sees. */
static const char *const harmless[][2] = {
    { "?", "T05thread:01;" },
    { "!", "" },
    { "", "" },
    { "qSupported:multiprocess+",
      "PacketSize=4000;qXfer:features:read+;QStartNoAckMode+;vContSupported+" },
    { "vMustReplyEmpty", "" },
    { "qCRC:0,10", "" },
    { "qC", "QC01" },
    { "qAttached", "1" },
    { "qfThreadInfo", "m01" },
    { "qsThreadInfo", "l" },
    { "Hg0", "OK" },
    { "Hc-1", "OK" },
    { "Hg2", "E22" },
    { "Hx1", "E01" },
    { "H", "E01" },
    { "T1", "OK" },
    { "T7", "E22" },
    { "vCont?", "vCont;c;C;s;S" },
    { "vCont", "E01" },
    { "vCont;", "E01" },
    { "vCont;x", "E01" },
    { "vCont;s:9", "E01" },
    { "vCont;S", "E01" },
    { "sxyz", "E01" },
    { "s123456789", "E22" },
    { "c99999999999999999", "E01" },
    { "C", "E01" },
    { "C05;", "E01" },
    { "g1", "E01" },
    { "G00", "E01" },
    { "Gxx", "E01" },
    { "p", "E01" },
    { "pffff", "E22" },
    { "pffffffffffffffff", "E22" },
    { "P0", "E01" },
    { "P0=", "E01" },
    { "P0=1", "E01" },
    { "P0=0000000", "E01" },
    { "P0=0000000000", "E01" },
    { "Pfff=00000000", "E22" },
    { "m", "E01" },
    { "m40008000", "E01" },
    { "m40008000,", "E01" },
    { "m40008000,4x", "E01" },
    { "m40008000,0", "" },
    { "m40008000,4", "010080e2" },
    { "m40008010,2", "7856" },
    { "m0,4", "E14" },
    { "m9000000,4", "E14" },  /* a device */
    { "mffffffff,2", "E14" }, /* beyond the end */
    { "m140008000,4", "E14" },
    { "m40008000,4001", "E22" },
    { "m40008000,ffffffffffffffff", "E22" },
    { "mffffffffffffffff,ffffffffffffffff", "E22" },
    { "M40008000,4:", "E01" },
    { "M40008000,4:0000000", "E01" },
    { "M40008000,4:000000000", "E01" },
    { "M40008000,4000:00", "E01" },
    { "M0,1:00", "E14" },
    { "M40ffffff,2:0000", "E14" }, /* the second byte is behind RAM: neither is written */
    { "X40008000,4:abc", "E01" },
    { "X40008000,0:", "OK" },
    { "X0,1:a", "E14" },
    { "Z0,40008000", "E01" },
    { "Z0,40008000,4;X1,0", "E01" },
    { "Z0,140008000,4", "E22" },
    { "Z0,40008000,ffff", "E22" },
    { "Z2,40008000,4", "" },
    { "z0,40008000,4", "OK" }, /* none is there: removing is idempotent, as inserting */
    { "D5", "E01" },
    { "D;", "E01" },
    { "vKill;", "E01" },
    { "vKill;zz", "E01" },
    { "vKill;1;2", "E01" },
    { "vKill;ffffffffffffffff1", "E01" },
    { "kx", "" },
    { "qRcmd", "E01" },
    { "qRcmd,1", "E01" },
    { "qRcmd,zz", "E01" },
    { "qRcmd,ff", "E01" }, /* not UTF-8 */
    { "qXfer:features:read:none.xml:0,10", "E22" },
    { "qXfer:features:read:target.xml:0", "E01" },
    { "qXfer:features:read:target.xml:0,5", "m<?xml" },
    { "qXfer:features:read:target.xml:ffffffff,5", "E22" },
    { "qqemu.sstepbits", "ENABLE=1,NOIRQ=2,NOTIMER=4" },
    { "qqemu.sstep", "0x7" },
    { "Qqemu.sstep=ff", "E22" },
    { "Qqemu.sstep=", "E01" },
    { "qqemu.PhyMemMode", "0" },
    { "Qqemu.PhyMemMode:x", "E01" },
    { "qThreadExtraInfo,1", "43505523302063"
                            "6f727465782d613135" },
};

Test(gdb, each_command_answers_and_a_bad_one_changes_nothing)
{
    Rig r = setup_rig();
    char before[65], after[65];

    r.m->config.cpu = "cortex-a15";
    machine_state_hash(r.m, before);
    for (size_t i = 0; i < G_N_ELEMENTS(harmless); i++) {
        expect_reply(&r, harmless[i][0], harmless[i][1]);
    }
    machine_state_hash(r.m, after);
    cr_expect(eq(str, before, after));
    drop_rig(&r);
}

Test(gdb, a_wrong_checksum_is_refused_and_a_refused_answer_sent_again)
{
    Rig r = setup_rig();
    g_autofree char *bad = wire(&r, "$qC#00", 6);
    g_autofree char *good = NULL, *again = NULL, *silent = NULL;

    cr_expect(eq(str, bad, "-"));
    good = wire(&r, "$qC#b4", 6);
    cr_expect(eq(str, good, "+$QC01#f5"));
    again = wire(&r, "-", 1);
    cr_expect(eq(str, again, "$QC01#f5"));
    silent = wire(&r, "+", 1);
    cr_expect(eq(str, silent, ""));
    drop_rig(&r);
}

Test(gdb, without_acknowledgements_there_are_none)
{
    Rig r = setup_rig();
    g_autofree char *got = NULL, *bad = NULL;

    expect_reply(&r, "QStartNoAckMode", "OK");
    got = wire(&r, "$qC#b4-", 7);
    cr_expect(eq(str, got, "$QC01#f5"));
    bad = wire(&r, "$qC#00", 6);
    cr_expect(eq(str, bad, "$E01#a6"));
    drop_rig(&r);
}

Test(gdb, registers_are_read_and_written)
{
    Rig r = setup_rig();
    ArmCpu *cpu = arm_cpu(r.m->cpu);

    cpu->r[3] = 0x11223344;
    cpu->d[31] = 0x0102030405060708;
    expect_reply(&r, "p3", "44332211");
    expect_reply(&r, "pf", "00800040"); /* pc */
    expect_reply(&r, "p30", "0807060504030201");
    expect_reply(&r, "P0=78563412", "OK");
    cr_expect(eq(u32, cpu->r[0], 0x12345678));
    expect_reply(&r, "Pf=03800040", "OK");
    cr_expect(eq(u32, cpu->v.pc, 0x40008000)); /* A32: aligned */
    expect_reply(&r, "P10=3f000000", "OK");    /* Thumb, System */
    cr_expect(eq(u32, arm_cpsr(cpu) & (CPSR_T | CPSR_M), CPSR_T | ARM_SYS));
    expect_reply(&r, "Pf=03800040", "OK");
    cr_expect(eq(u32, cpu->v.pc, 0x40008002));
    drop_rig(&r);
}

/* The status register comes last, and says which bank sp and lr go to. */
Test(gdb, all_registers_written_are_read_back)
{
    Rig r = setup_rig();
    g_autoptr(GString) all = g_string_new("G");

    for (unsigned i = 0; i < 15; i++) {
        g_string_append_printf(all, "%02x%02x%02x%02x", i, i + 1, i + 2, i + 3);
    }
    g_string_append(all, "00800040d2010000"); /* pc, cpsr: IRQ mode */
    expect_reply(&r, all->str, "OK");
    expect_reply(&r, "g", all->str + 1);
    cr_expect(eq(u32, arm_cpu(r.m->cpu)->r[13], 0x100f0e0d));
    drop_rig(&r);
}

Test(gdb, memory_written_drops_the_code_made_of_it)
{
    Rig r = setup_rig();
    ArmCpu *cpu = arm_cpu(r.m->cpu);

    expect_reply(&r, "s40008000", "T05thread:01;");
    cr_expect(eq(u32, cpu->r[0], 1));
    expect_reply(&r, "M40008000,4:020080e2", "OK"); /* add r0, r0, #2 */
    expect_reply(&r, "s40008000", "T05thread:01;");
    cr_expect(eq(u32, cpu->r[0], 3));
    expect_reply(&r, "X40008004,2:}\x03}", "E01");
    expect_reply(&r, "X40008004,2:ab", "OK");
    expect_reply(&r, "m40008004,4", "616281e2");
    drop_rig(&r);
}

Test(gdb, a_device_is_reached_by_its_physical_address_in_one_access)
{
    Rig r = setup_rig();

    expect_reply(&r, "m9000fe0,4", "E14");
    expect_reply(&r, "Qqemu.PhyMemMode:1", "OK");
    expect_reply(&r, "qqemu.PhyMemMode", "1");
    expect_reply(&r, "m9000fe0,4", "11000000"); /* UARTPeriphID0 */
    expect_reply(&r, "m9000fe0,3", "E14");
    expect_reply(&r, "m9000fe2,4", "E14");
    expect_reply(&r, "m40008010,4", "78563412");
    drop_rig(&r);
}

Test(gdb, a_step_is_one_instruction_and_enters_its_exception)
{
    Rig r = setup_rig();
    ArmCpu *cpu = arm_cpu(r.m->cpu);

    expect_reply(&r, "Pf=00800040", "OK");
    expect_reply(&r, "vCont;s:1", "T05thread:01;");
    expect_reply(&r, "vCont;s:1;c", "T05thread:01;");
    cr_expect(eq(u32, cpu->v.pc, RIG_CODE + 8));
    expect_reply(&r, "S05", "T05thread:01;"); /* udf */
    cr_expect(eq(u32, cpu->v.pc, 4));
    cr_expect(eq(u32, arm_cpsr(cpu) & CPSR_M, ARM_UND));
    drop_rig(&r);
}

/* ---- runs ---- */

/* Waits for a stop reply while the machine runs in its thread; @sent: what came already. */
static char *await_stop(Rig *r, char *sent)
{
    GString *out = g_string_new(sent);

    g_free(sent);
    while (!strstr(out->str, "#")) {
        g_autofree char *more = NULL;

        g_main_context_iteration(NULL, TRUE);
        more = wire(r, "", 0);
        g_string_append(out, more);
    }
    return g_string_free(out, FALSE);
}

static char *run_until_stop(Rig *r, const char *packet)
{
    g_autoptr(GString) in = g_string_new(NULL);

    gdb_frame(in, packet, strlen(packet));
    return await_stop(r, wire(r, in->str, in->len));
}

static uint32_t registers(Machine *m, unsigned i) { return arm_cpu(m->cpu)->r[i]; }

/* add r0, r0, #1; add r1, r1, #1; b .-8 */
static const uint32_t loop[] = { 0xe2800001, 0xe2811001, 0xeafffffc };

Test(gdb, a_breakpoint_stops_before_its_instruction_each_time_round)
{
    Rig r = setup_rig();
    g_autofree char *first = NULL, *second = NULL, *gone = NULL;

    cr_assert(phys_copy_in(r.m->phys, RIG_CODE, loop, sizeof(loop), NULL));
    machine_start(r.m);
    expect_reply(&r, "Pf=00800040", "OK");
    expect_reply(&r, "P1=00000000", "OK");
    expect_reply(&r, "Z0,40008004,4", "OK");
    expect_reply(&r, "Z0,40008004,4", "OK"); /* twice is once */
    first = run_until_stop(&r, "c");
    cr_expect(eq(str, first, "+$T05thread:01;#07"));
    cr_expect(eq(u32, registers(r.m, 0), registers(r.m, 1) + 1));
    cr_expect(eq(u32, r.m->cpu->pc, RIG_CODE + 4));
    second = run_until_stop(&r, "vCont;c");
    cr_expect(eq(u32, registers(r.m, 1), 1));
    cr_expect(eq(u32, registers(r.m, 0), 2));
    cr_expect(eq(u32, vcpu_retired(r.m->cpu) % 3, 1));
    expect_reply(&r, "m40008004,4", "011081e2"); /* memory has the instruction */
    expect_reply(&r, "z0,40008004,4", "OK");
    expect_reply(&r, "Z1,40008008,4", "OK");
    gone = run_until_stop(&r, "c");
    cr_expect(eq(u32, r.m->cpu->pc, RIG_CODE + 8));
    gdb_peer(r.gdb, false); /* breakpoints go with the debugger */
    machine_cont(r.m);
    machine_end(r.m, END_QUIT);
    machine_join(r.m);
    drop_rig(&r);
}

Test(gdb, control_c_stops_and_detach_goes_on)
{
    Rig r = setup_rig();
    g_autofree char *stopped = NULL, *nothing = NULL;

    cr_assert(phys_copy_in(r.m->phys, RIG_CODE, loop, sizeof(loop), NULL));
    machine_start(r.m);
    expect_reply(&r, "Pf=00800040", "OK");
    nothing = wire(&r, "\x03", 1);
    cr_expect(eq(str, nothing, "")); /* it does not run */
    g_free(wire(&r, "$c#63", 5));
    gdb_input(r.gdb, (const uint8_t *)"\x03", 1);
    stopped = await_stop(&r, g_strdup(""));
    cr_expect(eq(str, stopped, "$T02thread:01;#04"));
    expect_reply(&r, "D", "OK");
    cr_expect(eq(int, (int)r.m->state, RUN_RUNNING));
    machine_end(r.m, END_QUIT);
    machine_join(r.m);
    drop_rig(&r);
}

Test(gdb, random_bytes_never_harm_the_guest)
{
    Rig r = setup_rig();
    GRand *rand = g_rand_new_with_seed(1);
    static const char alphabet[] = "$$$##gmMXZzHTqvP0123456789abcdef,;:=+-}*\x03\xff";
    char before[65], after[65];

    machine_state_hash(r.m, before);
    for (unsigned i = 0; i < 2000; i++) {
        g_autoptr(GString) in = g_string_new(NULL), packet = g_string_new(NULL);

        for (int n = g_rand_int_range(rand, 0, 40); n > 0; n--) {
            g_string_append_c(in, alphabet[g_rand_int_range(rand, 0, sizeof(alphabet) - 1)]);
        }
        g_free(wire(&r, in->str, in->len));
        g_string_append_c(in, '!');
        if (strchr("gmpHTqv", in->str[0])) { /* a good checksum on what only asks */
            gdb_frame(packet, in->str, in->len);
            g_free(wire(&r, packet->str, packet->len));
        }
    }
    machine_state_hash(r.m, after);
    cr_expect(eq(str, before, after));
    g_rand_free(rand);
    drop_rig(&r);
}
