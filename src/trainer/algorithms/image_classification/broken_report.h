#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/json/json.h"
#include "trainer/report/report_page.h"
#include "trainer/vision/broken_images.h"
#include "trainer/vision/image_set.h"

namespace millrace::image_classification {

/// Adds to the figures of an evaluation what was left out of it: "broken", how many images, and of
/// the first of them "broken_images": [{"image", "place", "reason"}], where "image" is the
/// reference that predictions.csv would have.
void add_broken_images(Json& figures, const BrokenImages& broken, const ImageSet& images);

/// The number for the row of figures on a page; nothing where no image is broken.
void add_broken_figure(std::vector<std::pair<std::string, std::string>>& shown,
                       const Json& figures);
/// All of it as a section of the page; nothing where no image is broken.
void add_broken_section(html::ReportPage& page, const Json& figures);

}  // namespace millrace::image_classification
