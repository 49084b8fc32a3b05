// SPDX-License-Identifier: MIT
// dsdt.asl - the board `pc` as ACPI sees it: what cannot be found by looking.
// Addresses and interrupts are those of machine/pc.h; machine/pc_acpi.c lets PCI's memory
// begin where RAM ends, instead of at 0xe0000000.
DefinitionBlock ("", "DSDT", 2, "DOPPEL", "DOPPELPC", 1)
{
    // Soft off: PM1_CNT.SLP_TYP 0 (82371AB 7.3.2).
    Name (\_S5, Package () { 0, 0, 0, 0 })

    Scope (\_SB)
    {
        Device (CPU0)
        {
            Name (_HID, "ACPI0007")
            Name (_UID, 0)
        }

        Device (PCI0)
        {
            Name (_HID, EisaId ("PNP0A03"))
            Name (_UID, 0)

            Name (_CRS, ResourceTemplate ()
            {
                WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode,
                    0, 0, 0xff, 0, 0x100)
                IO (Decode16, 0xcf8, 0xcf8, 1, 8)
                WordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange,
                    0, 0, 0xcf7, 0, 0xcf8)
                WordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange,
                    0, 0xd00, 0xffff, 0, 0xf300)
                DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, Cacheable, ReadWrite,
                    0, 0xa0000, 0xbffff, 0, 0x20000)
                DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable,
                    ReadWrite, 0, 0xe0000000, 0xfebfffff, 0, 0x1ec00000)
            })
            // Slot S, pin P (INTA is 0) drives PIRQ (S + P - 1) modulo 4.
            Method (_PRT, 0, Serialized)
            {
                Name (PRT, Package (128) {})
                Store (0, Local0)
                While (LLess (Local0, 128))
                {
                    ShiftRight (Local0, 2, Local1)                      // slot
                    And (Add (Add (Local0, Local1), 3), 3, Local2)      // PIRQ
                    If (LEqual (Local2, 0)) { Store (Package (4) { 0, 0, LNKA, 0 }, Local4) }
                    If (LEqual (Local2, 1)) { Store (Package (4) { 0, 0, LNKB, 0 }, Local4) }
                    If (LEqual (Local2, 2)) { Store (Package (4) { 0, 0, LNKC, 0 }, Local4) }
                    If (LEqual (Local2, 3)) { Store (Package (4) { 0, 0, LNKD, 0 }, Local4) }
                    Store (Or (ShiftLeft (Local1, 16), 0xffff), Index (Local4, 0))
                    Store (And (Local0, 3), Index (Local4, 1))
                    Store (Local4, Index (PRT, Local0))
                    Increment (Local0)
                }
                Return (PRT)
            }

            Device (ISA)
            {
                Name (_ADR, 0x00010000)
                OperationRegion (RTE, PCI_Config, 0x60, 4)

                Device (PIC)
                {
                    Name (_HID, EisaId ("PNP0000"))
                    Name (_CRS, ResourceTemplate ()
                    {
                        IO (Decode16, 0x20, 0x20, 1, 2)
                        IO (Decode16, 0xa0, 0xa0, 1, 2)
                        IO (Decode16, 0x4d0, 0x4d0, 1, 2)
                        IRQNoFlags () { 2 }
                    })
                }
                Device (DMA)
                {
                    Name (_HID, EisaId ("PNP0200"))
                    Name (_CRS, ResourceTemplate ()
                    {
                        IO (Decode16, 0x00, 0x00, 1, 0x10)
                        IO (Decode16, 0x80, 0x80, 1, 0x10)
                        IO (Decode16, 0xc0, 0xc0, 1, 0x20)
                        DMA (Compatibility, NotBusMaster, Transfer8) { 4 }
                    })
                }
                Device (PIT)
                {
                    Name (_HID, EisaId ("PNP0100"))
                    Name (_CRS, ResourceTemplate ()
                    {
                        IO (Decode16, 0x40, 0x40, 1, 4)
                        IRQNoFlags () { 0 }
                    })
                }
                Device (RTC)
                {
                    Name (_HID, EisaId ("PNP0B00"))
                    Name (_CRS, ResourceTemplate ()
                    {
                        IO (Decode16, 0x70, 0x70, 1, 8)
                        IRQNoFlags () { 8 }
                    })
                }
                Device (SPKR)
                {
                    Name (_HID, EisaId ("PNP0800"))
                    Name (_CRS, ResourceTemplate () { IO (Decode16, 0x61, 0x61, 1, 1) })
                }
                Device (FPU)
                {
                    Name (_HID, EisaId ("PNP0C04"))
                    Name (_CRS, ResourceTemplate ()
                    {
                        IO (Decode16, 0xf0, 0xf0, 1, 1)
                        IRQNoFlags () { 13 }
                    })
                }
                Device (KBD)
                {
                    Name (_HID, EisaId ("PNP0303"))
                    Name (_CRS, ResourceTemplate ()
                    {
                        IO (Decode16, 0x60, 0x60, 1, 1)
                        IO (Decode16, 0x64, 0x64, 1, 1)
                        IRQNoFlags () { 1 }
                    })
                }
                Device (MOU)
                {
                    Name (_HID, EisaId ("PNP0F13"))
                    Name (_CRS, ResourceTemplate () { IRQNoFlags () { 12 } })
                }
                // Bit N: port N + 1 is there. The board writes it.
                Name (COMS, 0x0f)
                Method (CSTA, 1, NotSerialized)
                {
                    If (COMS & Arg0)
                    {
                        Return (0xf)
                    }
                    Return (Zero)
                }
                Device (COM1)
                {
                    Name (_HID, EisaId ("PNP0501"))
                    Name (_UID, 1)
                    Method (_STA, 0, NotSerialized) { Return (CSTA (1)) }
                    Name (_CRS, ResourceTemplate ()
                    {
                        IO (Decode16, 0x3f8, 0x3f8, 1, 8)
                        IRQNoFlags () { 4 }
                    })
                }
                Device (COM2)
                {
                    Name (_HID, EisaId ("PNP0501"))
                    Name (_UID, 2)
                    Method (_STA, 0, NotSerialized) { Return (CSTA (2)) }
                    Name (_CRS, ResourceTemplate ()
                    {
                        IO (Decode16, 0x2f8, 0x2f8, 1, 8)
                        IRQNoFlags () { 3 }
                    })
                }
                Device (COM3)
                {
                    Name (_HID, EisaId ("PNP0501"))
                    Name (_UID, 3)
                    Method (_STA, 0, NotSerialized) { Return (CSTA (4)) }
                    Name (_CRS, ResourceTemplate ()
                    {
                        IO (Decode16, 0x3e8, 0x3e8, 1, 8)
                        IRQNoFlags () { 4 }
                    })
                }
                Device (COM4)
                {
                    Name (_HID, EisaId ("PNP0501"))
                    Name (_UID, 4)
                    Method (_STA, 0, NotSerialized) { Return (CSTA (8)) }
                    Name (_CRS, ResourceTemplate ()
                    {
                        IO (Decode16, 0x2e8, 0x2e8, 1, 8)
                        IRQNoFlags () { 3 }
                    })
                }
            }

            // What the bridges decode beside the above, so that nobody else is put there. The
            // APICs' memory is the MADT's.
            Device (SYSR)
            {
                Name (_HID, EisaId ("PNP0C02"))
                Name (_UID, 1)
                Name (_CRS, ResourceTemplate ()
                {
                    IO (Decode16, 0x92, 0x92, 1, 1)
                    IO (Decode16, 0xb2, 0xb2, 1, 2)
                    IO (Decode16, 0x600, 0x600, 1, 0x40)
                    IO (Decode16, 0x700, 0x700, 1, 0x10)
                    Memory32Fixed (ReadOnly, 0xfffc0000, 0x40000)
                })
            }
        }

        Device (HPET)
        {
            Name (_HID, EisaId ("PNP0103"))
            Name (_UID, 0)
            Name (_CRS, ResourceTemplate () { Memory32Fixed (ReadOnly, 0xfed00000, 0x400) })
        }

        Device (FWCF)
        {
            Name (_HID, "QEMU0002")
            Name (_STA, 0xb)
            Name (_CRS, ResourceTemplate () { IO (Decode16, 0x510, 0x510, 1, 0xc) })
        }

        // PIRQRC: bit 7 off, else the ISA interrupt (82371SB 2.2.9).
        Field (\_SB.PCI0.ISA.RTE, ByteAcc, NoLock, Preserve)
        {
            PRQA, 8, PRQB, 8, PRQC, 8, PRQD, 8
        }
        Name (PRS, ResourceTemplate ()
        {
            Interrupt (ResourceConsumer, Level, ActiveHigh, Shared) { 5, 10, 11 }
        })
        Method (ISTA, 1, NotSerialized)
        {
            If (And (Arg0, 0x80)) { Return (0x9) }
            Return (0xb)
        }
        Method (ICRS, 1, Serialized)
        {
            Name (BUF, ResourceTemplate ()
            {
                Interrupt (ResourceConsumer, Level, ActiveHigh, Shared,,, NUM) { 0 }
            })
            CreateDWordField (BUF, NUM._INT, IRQN)
            Store (0, IRQN)
            If (LLess (Arg0, 0x80)) { Store (Arg0, IRQN) }
            Return (BUF)
        }
        Device (LNKA)
        {
            Name (_HID, EisaId ("PNP0C0F"))
            Name (_UID, 0)
            Method (_STA, 0) { Return (ISTA (PRQA)) }
            Method (_PRS, 0) { Return (PRS) }
            Method (_CRS, 0, Serialized) { Return (ICRS (PRQA)) }
            Method (_DIS, 0) { Or (PRQA, 0x80, PRQA) }
            Method (_SRS, 1) { CreateDWordField (Arg0, 5, SIRQ) Store (SIRQ, PRQA) }
        }
        Device (LNKB)
        {
            Name (_HID, EisaId ("PNP0C0F"))
            Name (_UID, 1)
            Method (_STA, 0) { Return (ISTA (PRQB)) }
            Method (_PRS, 0) { Return (PRS) }
            Method (_CRS, 0, Serialized) { Return (ICRS (PRQB)) }
            Method (_DIS, 0) { Or (PRQB, 0x80, PRQB) }
            Method (_SRS, 1) { CreateDWordField (Arg0, 5, SIRQ) Store (SIRQ, PRQB) }
        }
        Device (LNKC)
        {
            Name (_HID, EisaId ("PNP0C0F"))
            Name (_UID, 2)
            Method (_STA, 0) { Return (ISTA (PRQC)) }
            Method (_PRS, 0) { Return (PRS) }
            Method (_CRS, 0, Serialized) { Return (ICRS (PRQC)) }
            Method (_DIS, 0) { Or (PRQC, 0x80, PRQC) }
            Method (_SRS, 1) { CreateDWordField (Arg0, 5, SIRQ) Store (SIRQ, PRQC) }
        }
        Device (LNKD)
        {
            Name (_HID, EisaId ("PNP0C0F"))
            Name (_UID, 3)
            Method (_STA, 0) { Return (ISTA (PRQD)) }
            Method (_PRS, 0) { Return (PRS) }
            Method (_CRS, 0, Serialized) { Return (ICRS (PRQD)) }
            Method (_DIS, 0) { Or (PRQD, 0x80, PRQD) }
            Method (_SRS, 1) { CreateDWordField (Arg0, 5, SIRQ) Store (SIRQ, PRQD) }
        }
    }
}
