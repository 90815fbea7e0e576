#include "trainer/algorithms/image_classification/broken_report.h"

#include "trainer/report/html_table.h"

namespace millrace::image_classification {

void add_broken_images(Json& figures, const BrokenImages& broken, const ImageSet& images) {
  Json list = Json::array();
  for (const BrokenImage& image : broken.first()) {
    list.push_back({{"image", images.reference(image.number)},
                    {"place", image.name},
                    {"reason", image.reason}});
  }
  figures["broken"] = broken.count();
  figures["broken_images"] = std::move(list);
}

void add_broken_figure(std::vector<std::pair<std::string, std::string>>& shown,
                       const Json& figures) {
  if (figures["broken"] != 0) shown.emplace_back("broken images", figures["broken"].dump());
}

void add_broken_section(html::ReportPage& page, const Json& figures) {
  const auto count = figures["broken"].get<std::int64_t>();
  if (count == 0) return;
  std::vector<std::vector<html::Cell>> rows;
  for (const Json& image : figures["broken_images"]) {
    rows.push_back({{.text = image["place"].get<std::string>()},
                    {.text = image["reason"].get<std::string>()}});
  }
  const auto shown = static_cast<std::int64_t>(rows.size());
  page.add_section("Broken images",
                   "They could not be decoded and count in no figure." +
                       (shown < count ? " The first " + std::to_string(shown) + " of " +
                                            std::to_string(count) + ":"
                                      : std::string()),
                   html::table({{.name = "image"}, {.name = "what is wrong"}}, rows));
}

}  // namespace millrace::image_classification
