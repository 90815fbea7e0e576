#include "core/base/html.h"

#include <gtest/gtest.h>

namespace millrace::html {
namespace {

TEST(Html, TextCannotBecomeMarkup) {
  EXPECT_EQ(escaped("<script>alert('&\"')</script>"),
            "&lt;script&gt;alert(&#39;&amp;&quot;&#39;)&lt;/script&gt;");
  EXPECT_EQ(escaped(std::string_view("a\x01\0b", 4)),
            "a\xef\xbf\xbd\xef\xbf\xbd"
            "b");
  EXPECT_EQ(escaped("\xff"), "\xef\xbf\xbd");
}

}  // namespace
}  // namespace millrace::html
