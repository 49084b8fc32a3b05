/* SPDX-License-Identifier: MIT */
/* test_x64_asm.c - the assembler's bytes, read back by Capstone. */
#include <capstone/capstone.h>
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <glib.h>
#include <string.h>

#include "backend/x64/asm.h"

static uint8_t buf[64];
static Asm as;

static void set_up(void)
{
    memset(buf, 0xcc, sizeof(buf));
    as = (Asm){ buf, buf + sizeof(buf), false };
}

TestSuite(x64_asm, .init = set_up);

/* What has been written is exactly one instruction that reads as @want; starts afresh. */
static void expect(const char *want)
{
    char text[200] = "nothing";
    size_t bytes = (size_t)(as.p - buf), used = 0;
    cs_insn *insn;
    csh cs;

    cr_assert(eq(int, cs_open(CS_ARCH_X86, CS_MODE_64, &cs), CS_ERR_OK));
    if (cs_disasm(cs, buf, bytes, 0, 1, &insn) == 1) {
        g_snprintf(text, sizeof(text), "%s%s%s", insn->mnemonic, insn->op_str[0] ? " " : "",
                   insn->op_str);
        used = insn->size;
        cs_free(insn, 1);
    }
    cs_close(&cs);
    cr_expect(eq(str, text, (char *)want));
    cr_expect(eq(sz, used, bytes), "%s: length", want);
    set_up();
}

Test(x64_asm, registers_of_every_width)
{
    x64_rm(&as, X64_ADD, W32, R9, x64_reg(RAX));
    expect("add r9d, eax");
    x64_rm(&as, X64_ADD, W64, RAX, x64_reg(R9));
    expect("add rax, r9");
    x64_rm(&as, X64_SUB, W16, RSI, x64_reg(R13));
    expect("sub si, r13w");
    x64_rm(&as, X64_CMP, W8, RCX, x64_reg(RDX));
    expect("cmp cl, dl");
    x64_rm(&as, X64_CMP, W8, RSI, x64_reg(RDI));
    expect("cmp sil, dil");
    x64_rm(&as, X64_XOR, W8, RAX, x64_reg(RSI));
    expect("xor al, sil");
    x64_rm(&as, X64_MOVZX8, W32, RAX, x64_reg(RSI));
    expect("movzx eax, sil");
    x64_rm(&as, X64_MOVSX16, W64, R10, x64_reg(RCX));
    expect("movsx r10, cx");
    x64_rm(&as, X64_MOVSXD, W64, RDX, x64_reg(R8));
    expect("movsxd rdx, r8d");
    x64_rm(&as, X64_LZCNT, W32, RDX, x64_reg(R8));
    expect("lzcnt edx, r8d");
    x64_m(&as, X64_NEG, W8, x64_reg(RDI));
    expect("neg dil");
    x64_m(&as, X64_MUL, W64, x64_reg(R12));
    expect("mul r12");
    x64_bswap(&as, W64, R11);
    expect("bswap r11");
    x64_setcc(&as, X64CC_B, x64_reg(RSI));
    expect("setb sil");
    x64_cmov(&as, X64CC_NE, W64, RAX, x64_reg(R15));
    expect("cmovne rax, r15");
}

Test(x64_asm, memory_operands_of_every_shape)
{
    x64_rm(&as, X64_MOV, W32, RAX, x64_at(RBX, 0));
    expect("mov eax, dword ptr [rbx]");
    x64_rm(&as, X64_MOV, W64, RAX, x64_at(RBP, 0));
    expect("mov rax, qword ptr [rbp]");
    x64_rm(&as, X64_MOV, W64, RAX, x64_at(R13, 0));
    expect("mov rax, qword ptr [r13]");
    x64_rm(&as, X64_MOV, W64, RAX, x64_at(RSP, 8));
    expect("mov rax, qword ptr [rsp + 8]");
    x64_rm(&as, X64_MOV, W64, RAX, x64_at(R12, -128));
    expect("mov rax, qword ptr [r12 - 0x80]");
    x64_rm(&as, X64_MOV, W64, RAX, x64_at(R14, 0x800000));
    expect("mov rax, qword ptr [r14 + 0x800000]");
    x64_rm(&as, X64_MOV, W64, R9, x64_index(R14, RCX, 3, 0x800));
    expect("mov r9, qword ptr [r14 + rcx*8 + 0x800]");
    x64_rm(&as, X64_LEA, W32, RDX, x64_index(R13, R12, 2, 0));
    expect("lea edx, [r13 + r12*4]");
    x64_rm(&as, X64_LEA, W32, RDX, x64_index(NO_REG, R9, 3, 5));
    expect("lea edx, [r9*8 + 5]");
    x64_mr(&as, X64_MOV, W8, x64_index(RCX, RBX, 0, 0), RSI);
    expect("mov byte ptr [rcx + rbx], sil");
    x64_mr(&as, X64_MOV, W16, x64_at(RCX, 2), R8);
    expect("mov word ptr [rcx + 2], r8w");
    x64_mr(&as, X64_MOVBE, W32, x64_index(RCX, R10, 0, 4), RDI);
    expect("movbe dword ptr [rcx + r10 + 4], edi");
    x64_rm(&as, X64_MOVBE, W64, RDI, x64_at(RCX, 0));
    expect("movbe rdi, qword ptr [rcx]");
    x64_mov_ah(&as, x64_at(RBP, 0x6c));
    expect("mov byte ptr [rbp + 0x6c], ah");
    x64_m(&as, X64_JMP, W32, x64_index(RBP, RAX, 2, -16));
    expect("jmp qword ptr [rbp + rax*4 - 0x10]");
    x64_m(&as, X64_INC, W64, x64_at(RBP, -8));
    expect("inc qword ptr [rbp - 8]");
}

Test(x64_asm, immediates_take_their_shortest_form)
{
    x64_mi(&as, X64_ADD, W32, x64_reg(RBX), 5);
    cr_expect(eq(sz, as.p - buf, 3));
    expect("add ebx, 5");
    x64_mi(&as, X64_SUB, W64, x64_reg(R15), 300);
    expect("sub r15, 0x12c");
    x64_mi(&as, X64_AND, W32, x64_reg(RAX), 0x3ffc);
    cr_expect(eq(sz, as.p - buf, 5));
    expect("and eax, 0x3ffc");
    x64_mi(&as, X64_CMP, W8, x64_at(RBP, 1), 1);
    expect("cmp byte ptr [rbp + 1], 1");
    x64_mi(&as, X64_CMP, W16, x64_reg(RAX), 0x1234);
    expect("cmp ax, 0x1234");
    x64_mi(&as, X64_TEST, W8, x64_reg(RSI), 3);
    expect("test sil, 3");
    x64_mi(&as, X64_TEST, W8, x64_reg(RAX), 3);
    cr_expect(eq(sz, as.p - buf, 2));
    expect("test al, 3");
    x64_mi(&as, X64_MOV, W16, x64_at(RCX, 0), 0x1234);
    expect("mov word ptr [rcx], 0x1234");
    x64_mi(&as, X64_MOV, W32, x64_at(RBP, 32), 0x1000);
    expect("mov dword ptr [rbp + 0x20], 0x1000");
    x64_mov_imm(&as, R10, 7);
    expect("mov r10d, 7");
    x64_mov_imm(&as, RDX, UINT64_MAX);
    expect("mov rdx, -1");
    x64_mov_imm(&as, RDX, 0x123456789a);
    expect("movabs rdx, 0x123456789a");
    x64_push_imm(&as, 0x100);
    expect("push 0x100");
    x64_imul_imm(&as, W32, RAX, x64_reg(R9), 100);
    expect("imul eax, r9d, 0x64");
    x64_imul_imm(&as, W64, RAX, x64_reg(R9), 1000);
    expect("imul rax, r9, 0x3e8");
}

Test(x64_asm, shifts_and_what_newer_cpus_have)
{
    x64_shift(&as, X64_SHR, W32, x64_reg(RDX), 12);
    expect("shr edx, 0xc");
    x64_shift(&as, X64_SAR, W64, x64_reg(R8), 1);
    expect("sar r8, 1");
    x64_shift(&as, X64_ROR, W16, x64_reg(RSI), 8);
    expect("ror si, 8");
    x64_shift_cl(&as, X64_SHL, W32, x64_reg(R11));
    expect("shl r11d, cl");
    x64_bt(&as, W32, x64_reg(RBX), 4);
    expect("bt ebx, 4");
    x64_vex(&as, X64_SHLX, W32, RAX, x64_reg(R9), RCX);
    expect("shlx eax, r9d, ecx");
    x64_vex(&as, X64_SARX, W64, R10, x64_at(RSP, 8), R11);
    expect("sarx r10, qword ptr [rsp + 8], r11");
    x64_vex(&as, X64_ANDN, W32, RSI, x64_reg(RBX), R13);
    expect("andn esi, r13d, ebx");
    x64_rorx(&as, W32, RAX, x64_reg(R8), 31);
    expect("rorx eax, r8d, 0x1f");
}

Test(x64_asm, jumps_lead_where_they_say)
{
    x64_jcc(&as, X64CC_LE, buf + 0x20);
    expect("jle 0x20");
    x64_jmp(&as, buf);
    expect("jmp 0");
    x64_call(&as, buf + 0x30);
    expect("call 0x30");
    x64_lea_rip(&as, R9, buf + 7);
    expect("lea r9, [rip]");
    x64_ret(&as, 16);
    expect("ret 0x10");
}

Test(x64_asm, padding_is_no_operation_up_to_the_boundary)
{
    for (unsigned ahead = 0; ahead < 16; ahead++) {
        as.p = buf;
        x64_align(&as, ahead, 16);
        cr_expect(zero(uptr, ((uintptr_t)as.p + ahead) % 16), "%u ahead", ahead);
        cr_expect(lt(sz, as.p - buf, 16), "%u ahead", ahead);
    }
}

Test(x64_asm, a_full_buffer_is_reported_not_overrun)
{
    as.end = buf + 2;
    x64_rm(&as, X64_ADD, W64, RAX, x64_reg(RCX));
    cr_expect(as.full);
    cr_expect(eq(u8, buf[2], 0xcc));
    x64_patch(&as, buf + 1, buf);
    cr_expect(eq(u8, buf[2], 0xcc), "nothing is patched either");
}
