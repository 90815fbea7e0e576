#include "trainer/report/gallery.h"

#include "trainer/report/html.h"

namespace millrace::html {
std::string gallery(const std::vector<GalleryPicture>& pictures) {
  std::string text = "<div class=\"gallery\">\n";
  for (const GalleryPicture& each : pictures) {
    std::string picture = inline_picture(each.picture, each.good);
    if (is_tiny(each.picture)) picture.insert(sizeof("<img") - 1, " class=\"tiny\"");
    text += "<figure><div class=\"frame\">" + picture + "</div><figcaption><span class=\"good\">" +
            escaped(each.good) + "</span><br><span class=\"bad\">" + escaped(each.bad) + "</span>";
    for (const std::string& note : each.notes) text += "<small>" + escaped(note) + "</small>";
    text += "</figcaption></figure>\n";
  }
  return text + "</div>\n";
}

}  // namespace millrace::html
