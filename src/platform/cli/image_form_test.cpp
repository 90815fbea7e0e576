#include "platform/cli/image_form.h"

#include <gtest/gtest.h>

#include "codec/image.h"
#include "core/base/error.h"
#include "core/json/json.h"

namespace millrace::cli {
namespace {

Image columns(std::int64_t width, std::int64_t height) {
  Image image{.width = width, .height = height, .channels = 3, .pixels = {}};
  for (std::int64_t i = 0; i < width * height; ++i)
    image.pixels.insert(image.pixels.end(), 3, static_cast<std::uint8_t>(i % width * 10));
  return image;
}

ImageForm png() {
  return {.encoding = ImageFormat::Png, .quality = 3};
}

TEST(ImageForm, TheSquareAroundTheCentreIsCut) {
  ImageForm form = png();
  form.center_crop = true;
  const Image square = decode_image(in_form(encode_png(columns(7, 4)), form, "x"), "x");
  EXPECT_EQ(square.width, 4);
  EXPECT_EQ(square.height, 4);
  EXPECT_EQ(square.pixels[0], 10) << "(7 - 4) / 2 columns are cut on the left";
}

TEST(ImageForm, AnImageThatResizingWouldMakeTooLongIsRefusedByName) {
  ImageForm form = png();
  form.resize = 256;
  try {
    (void)in_form(encode_png(columns(1, 300)), form, "a.lst, line 3, thin.png");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    EXPECT_EQ(std::string(error.what()),
              "a.lst, line 3, thin.png: got \"1 x 300 pixels\", expected a longer edge of at most "
              "65500 pixels with a shorter one of 256. Leave the image out, or make --resize "
              "smaller.");
  }
}

TEST(ImageForm, AnImageThatIsTooLongForAJpegIsRefusedByNameAndMayBeAPng) {
  const std::string strip = encode_png({.width = 65'501,
                                        .height = 1,
                                        .channels = 1,
                                        .pixels = std::vector<std::uint8_t>(65'501, 7)});
  try {
    (void)in_form(strip, {}, "a.lst, line 3, strip.png");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    EXPECT_EQ(std::string(error.what()).find("a.lst, line 3, strip.png: got \"65501 x 1 pixels\""),
              0U)
        << error.what();
  }
  EXPECT_EQ(decode_image(in_form(strip, png(), "x"), "x").width, 65'501);
}

TEST(ImageForm, PassedThroughAFileMustHaveASizeThatTrainingTakes) {
  std::string file = encode_png(columns(40, 30));
  file[16] = file[20] = 1;  // the upper bytes of width and height
  EXPECT_THROW((void)in_form(file, {.pass_through = true}, "x"), Error);
}

TEST(ImageForm, PassedThroughAFileIsLookedAtOnlyAsFarAsAsked) {
  const std::string whole = encode_png(columns(40, 30));
  std::string damaged = whole;
  damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 0x55);
  ImageForm form{.pass_through = true};
  EXPECT_EQ(in_form(whole, form, "x"), whole);
  EXPECT_EQ(in_form(damaged, form, "x"), damaged);
  EXPECT_THROW((void)in_form(whole.substr(0, whole.size() / 2), form, "x"), Error);
  EXPECT_THROW((void)in_form("text", form, "x"), Error);
  form.decode_all = true;
  EXPECT_EQ(in_form(whole, form, "x"), whole);
  EXPECT_THROW((void)in_form(damaged, form, "x"), Error);
}

TEST(ImageForm, EveryOptionTellsTwoFormsApart) {
  const ImageForm plain;
  std::vector<ImageForm> forms(8);
  forms[1].pass_through = true;
  forms[2].decode_all = true;
  forms[3].center_crop = true;
  forms[4].resize = 256;
  forms[5].color = ImageForm::Color::Grey;
  forms[6].encoding = ImageFormat::Png;
  forms[7].quality = 90;
  for (std::size_t i = 0; i < forms.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) EXPECT_NE(to_json(forms[i]), to_json(forms[k]));
  }
}

}  // namespace
}  // namespace millrace::cli
