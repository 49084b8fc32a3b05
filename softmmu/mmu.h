/* SPDX-License-Identifier: MIT */
/* mmu.h - one vCPU's soft-MMU: its views, how they are filled and emptied, its slow paths. */
#ifndef SOFTMMU_MMU_H
#define SOFTMMU_MMU_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/addr.h"
#include "base/memop.h"
#include "base/vcpu.h"
#include "softmmu/phys.h"
#include "softmmu/view.h"

typedef struct Mmu Mmu;

/* Which meaning of virtual addresses. Views with equal keys are one view. */
typedef struct ViewKey {
    uint8_t regime; /* the guest's number; bit 7 (VIEW_PRIVILEGED): see below */
    uint8_t asid;
    uint16_t vmid;
    uint32_t control; /* id of all other control state that changes a mapping's meaning */
} ViewKey;

G_STATIC_ASSERT(sizeof(ViewKey) == 8 && G_BYTE_ORDER == G_LITTLE_ENDIAN);

/* Made in a register: written member by member and then read as a whole, as on each change of mode,
 * it waits for the stores. */
static inline ViewKey view_key(uint8_t regime, uint8_t asid, uint16_t vmid, uint32_t control)
{
    uint64_t bits = regime | (uint64_t)asid << 8 | (uint64_t)vmid << 16 | (uint64_t)control << 32;
    ViewKey key;

    memcpy(&key, &bits, sizeof(key));
    return key;
}

/*
 * Privileged regimes are not pooled by ASID: the view keeps its global entries when the ASID
 * changes and drops the others. Pool: VIEW_POOL_PRIV privileged views, VIEW_POOL_USER others; the
 * least recently selected goes. Filling and replacement depend on guest accesses only.
 */
enum { VIEW_PRIVILEGED = 0x80, VIEW_POOL_PRIV = 4, VIEW_POOL_USER = 8 };

typedef enum MmuAccess { ACCESS_READ, ACCESS_WRITE, ACCESS_FETCH } MmuAccess;

enum { RIGHT_R = 1, RIGHT_W = 2, RIGHT_X = 4 };

/* What a page walk found. */
typedef struct MmuMapping {
    Gpa pa;             /* of the 4 KiB page that was asked for */
    uint8_t rights;     /* RIGHT_* in the key's regime */
    uint8_t size_shift; /* log2 of the mapping's bytes: 12 to 32 */
    bool global;        /* belongs to every ASID */
} MmuMapping;

/* What the soft-MMU asks of the guest. */
typedef struct MmuGuest {
    /**
     * walk - translate the page of @va as @key does.
     * Returns: true with @out set; or false with VcpuCold.fault set and leave = LEAVE_FAULT (when
     * @probe, false with nothing set). A walk may find rights that do not allow @access: then it is
     * a permission fault and it returns false too.
     */
    bool (*walk)(Vcpu *v, ViewKey key, Gva va, MmuAccess access, bool probe, MmuMapping *out);
    /* Raises the alignment fault (leave = LEAVE_FAULT). */
    void (*misaligned)(Vcpu *v, Gva va, MmuAccess access);
    /* Raises the external abort of an access to a physical address where nothing answers. */
    void (*bus_error)(Vcpu *v, Gva va, Gpa pa, MmuAccess access);
    /* Views whose keys differ in vmid only have their global entries in common: a new one begins
     * with those of the others. */
    bool shares_globals;
} MmuGuest;

/* @phys, @log, @v are borrowed and outlive it. Sets VcpuCold.mmu. */
Mmu *mmu_new(Vcpu *v, Phys *phys, const MmuGuest *guest, Log *log) G_GNUC_WARN_UNUSED_RESULT;
void mmu_free(Mmu *m);

/* The retired count at VcpuCold.host_pc, asked for before a device is accessed inside a unit. */
void mmu_set_counter(Mmu *m, uint64_t (*count)(Vcpu *v));

/**
 * mmu_select - make @key's view the current one, @unpriv's that of unprivileged accesses.
 * Sets Vcpu.view, VcpuCold.unpriv_view and the view part of Vcpu.lookup_ctx.
 * @mode_tag: of the mode that goes with it, the bits GuestIsa.lookup_mode
 * Cost: a compare when both are current already; else a search of the pool.
 */
void mmu_select(Mmu *m, ViewKey key, ViewKey unpriv, uint16_t mode_tag);

/* Only the mode in the lookup context changed. */
void mmu_set_mode_tag(Mmu *m, uint16_t mode_tag);

/* Exact invalidation, in all views that the form covers. By address: the whole recorded extent of
 * the mapping that holds @va goes; global entries match whatever the ASID. */
void mmu_flush_all(Mmu *m);
void mmu_flush_asid(Mmu *m, uint8_t asid);
void mmu_flush_local(Mmu *m); /* whatever the ASID, but for global entries */
void mmu_flush_va(Mmu *m, Gva va, uint8_t asid);
void mmu_flush_va_all(Mmu *m, Gva va);

void mmu_flush_vmid(Mmu *m, uint16_t vmid);

/**
 * mmu_table_read - the table entry of @bytes at @pa, for a walk of a guest whose views outlive
 * changes of its page tables until it says.
 * @va, @shift: it translates the 2^@shift bytes around @va
 */
uint64_t mmu_table_read(Mmu *m, Gpa pa, unsigned bytes, Gva va, unsigned shift);
/* The walker writes an entry that it has read: what follows from it stays. */
void mmu_table_write(Mmu *m, Gpa pa, uint64_t value, unsigned bytes);
/**
 * mmu_sync_tables - drops what follows from entries that have changed since they were read.
 * Cost: for each page of tables written since the last time, to compare it.
 */
void mmu_sync_tables(Mmu *m);

/*
 * Slow paths, called by translated code through a thunk (VcpuCold.host_pc set) and by the
 * interpreter (host_pc NULL). @memop: Memop bits. They do whatever the inline sequence does not:
 * alignment, page crossing, walks, devices, tracked pages, byte order, unprivileged rights.
 *
 * On return v->leave may be set, the result then means nothing:
 *   LEAVE_FAULT  the access faults; nothing was stored
 *   LEAVE_STEP   only with host_pc: nothing was done, the interpreter must execute the instruction
 *                (store into translated code, more device accesses than VcpuReplay holds)
 *   LEAVE_AFTER  done, but what comes next must be looked at afresh: attention came up, or code was
 *                overwritten. With host_pc it was a device access, now in VcpuCold.replay: the
 *                interpreter must execute the instruction, and its device accesses take what is
 *                there. With host_pc NULL the result is good.
 * Accesses are of 1 to 8 bytes. A misaligned one without alignment rule is done once both pages are
 * known to be good. A device sees it bytewise.
 */
uint64_t mmu_load(Vcpu *v, Gva va, uint64_t memop);
void mmu_store(Vcpu *v, Gva va, uint64_t value, uint64_t memop);
uint64_t mmu_cas(Vcpu *v, Gva va, uint64_t expected, uint64_t desired, uint64_t memop);

/* The space of I/O ports; borrowed. Without one nothing answers there. */
void mmu_set_ports(Mmu *m, Phys *ports);

/* An access to I/O port @port: as mmu_load() and mmu_store() of a device, so that leave may be set
 * in the same way. It never faults. */
uint64_t mmu_in(Vcpu *v, uint32_t port, unsigned bytes);
void mmu_out(Vcpu *v, uint32_t port, uint64_t value, unsigned bytes);

/* Where the byte at @va is, if the current view knows its page as plain RAM for @access; else NULL.
 * So are the others of the page. */
uint8_t *mmu_plain(Vcpu *v, Gva va, MmuAccess access);
/* Whether an access to the byte at @va would be translated; else leave is LEAVE_FAULT, as after the
 * access. Memory and devices stay untouched. */
bool mmu_translates(Vcpu *v, Gva va, MmuAccess access);
/* mmu_plain() by the view of MO_UNPRIV. */
uint8_t *mmu_plain_unpriv(Vcpu *v, Gva va, MmuAccess access);

/* The addend of a run (see ir_ops.def), or 0 with leave set (LEAVE_FAULT only if its first byte's
 * page faults and that is its first access, else LEAVE_STEP). @bytes up to 256. That of loads over
 * a page's end may lead to a copy, good until the next run. */
uint64_t mmu_run(Vcpu *v, Gva va, uint64_t memop, uint32_t bytes);

/**
 * mmu_fetch - where the bytes of an instruction are.
 * @pa: set to the physical address of @va
 * Returns: host address of the byte at @va, RAM or ROM; NULL with leave = LEAVE_FAULT.
 */
const uint8_t *mmu_fetch(Vcpu *v, Gva va, Gpa *pa);

/* Translation without side effects, for the debugger and the monitor: false if unmapped. */
bool mmu_probe(Vcpu *v, Gva va, MmuAccess access, MmuMapping *out);
/* Debugger access through the current view's meaning: bytes copied until the first that has no
 * mapping; RAM and ROM only. */
size_t mmu_peek(Vcpu *v, Gva va, void *to, size_t bytes);

/* Live entries of all views, for snapshots, hashing and `info tlb`. */
typedef struct MmuEntry {
    ViewKey key;
    Gva va;
    Gpa pa;
    uint8_t rights, size_shift;
    bool global;
} MmuEntry;
void mmu_each_entry(Mmu *m, void (*each)(void *opaque, const MmuEntry *e), void *opaque);

/* A view of the pool, for snapshots. */
typedef struct MmuView {
    ViewKey key;
    uint32_t rank; /* 0: free; else its place in the order of last selection, 1 the longest ago */
} MmuView;

enum { MMU_VIEWS = VIEW_POOL_PRIV + VIEW_POOL_USER };

void mmu_views(const Mmu *m, MmuView view[MMU_VIEWS]);

/* Whether mmu_restore() may be given @view: ranks and keys as a pool can have them. */
bool mmu_views_are_sound(const MmuView view[MMU_VIEWS]);
/* Whether it may be given @e, as far as its view does not matter. */
bool mmu_entry_is_sound(const Mmu *m, const MmuEntry *e);

/**
 * mmu_restore - replace all views and what is filled in them; none is current until mmu_select().
 * @view:  sound
 * @entry: @n sound ones, each with the key of a view that is not free
 */
void mmu_restore(Mmu *m, const MmuView view[MMU_VIEWS], const MmuEntry *entry, size_t n);

/* What a fault of the host in a window asks for. */
typedef enum MmuWindow {
    WINDOW_RETRY,  /* the page is shown now */
    WINDOW_TABLES, /* go by the tables this once */
    WINDOW_NEVER,  /* this page will not be shown: the access had better always go by the tables */
    WINDOW_NOT,    /* the address is not in the current view's window */
} MmuWindow;

/**
 * mmu_window_fault - see to a host fault of translated code at @host; @worth: by showing its page.
 * What is shown is nothing the guest could tell; host time limits how much of it is done.
 * Threads: the vCPU's, in a signal handler while translated code runs.
 */
MmuWindow mmu_window_fault(Mmu *m, const void *host, bool write, bool worth);

/* Whether views have windows and RAM can be shown in them. */
bool mmu_has_windows(const Mmu *m);

typedef struct MmuStats {
    uint64_t walks, fills, faults;
    uint64_t flush_all, flush_asid, flush_va, flush_asid_change, view_evictions;
    uint64_t misaligned, bus_errors, rom_stores; /* mistakes of the guest */
    uint64_t table_syncs, table_drops;           /* of mmu_sync_tables(); entries found changed */
    uint64_t window_faults, window_pages;        /* host faults in windows; pages shown for them */
} MmuStats;
const MmuStats *mmu_stats(const Mmu *m);

#endif
