// What a core can do at most: the measure that kernels are held against.
#ifndef QUAVER_TOOLS_PEAK_H_
#define QUAVER_TOOLS_PEAK_H_

#include "kernels/isa.h"

namespace quaver::tools {

/// Multiply-accumulates a second of one thread with the multiply-add instruction of `isa`'s
/// kernels, measured on registers only, in some 10 ms; once a process, then remembered. 0 where it
/// is not known: for scalar, whose loops compilers vectorize as they like, and on other machines.
/// Precondition: the CPU has `isa`.
double PeakMacsPerSecond(Isa isa);

}  // namespace quaver::tools

#endif  // QUAVER_TOOLS_PEAK_H_
