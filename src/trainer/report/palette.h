#pragma once

#include "trainer/report/canvas.h"

namespace millrace::palette {

// Of pages that are drawn; report_page.cpp has the same in CSS, for light and for dark.
inline constexpr Colour kPaper{250, 250, 248};
inline constexpr Colour kInk{32, 36, 42};
inline constexpr Colour kQuiet{112, 118, 128};
inline constexpr Colour kLine{222, 224, 228};
inline constexpr Colour kGood{24, 122, 78};
inline constexpr Colour kBad{190, 52, 44};
inline constexpr Colour kWhite{255, 255, 255};

}  // namespace millrace::palette
