#include "core/data/content_types.h"

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace {
namespace {

std::string refusal(std::string_view text) {
  try {
    (void)parse_content_type(text, "channel 'train'");
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    return error.what();
  }
  return "accepted";
}

TEST(ContentTypes, WhiteSpaceAroundParametersIsTolerated) {
  // "White space around `;` and `=` must be tolerated."
  for (const char* text :
       {"text/csv;label_size=2", "text/csv; label_size=2", " Text/CSV ; label_size = 2 ;",
        "text/csv;charset=utf-8;label_size=\"2\""}) {
    const ContentType type = parse_content_type(text, "x");
    EXPECT_EQ(type.format, DataFormat::Csv) << text;
    EXPECT_EQ(type.label_size, 2) << text;
  }
  EXPECT_FALSE(parse_content_type("text/csv", "x").label_size);
}

TEST(ContentTypes, EveryTypeOfTheFormatsIsKnown) {
  for (const FormatNames& format : all_formats()) {
    for (const std::string_view type : format.media_types)
      EXPECT_EQ(parse_content_type(type, "x").format, format.format) << type;
    EXPECT_EQ(find_format(format.name), &format);
    EXPECT_EQ(&names_of(format.format), &format);
  }
}

TEST(ContentTypes, ParametersOfAnswersAndImageLabelsRead) {
  EXPECT_TRUE(parse_content_type("application/json; verbose=true", "x").verbose);
  EXPECT_TRUE(parse_content_type("application/json;annotation=1", "x").annotation);
  EXPECT_EQ(parse_content_type("application/x-recordio; label-format=class-id", "x").label_format,
            "class-id");
}

TEST(ContentTypes, UnknownTypesAndParametersAreRefusedByName) {
  EXPECT_EQ(refusal("text/csv; header=1"),
            "channel 'train': got \"parameter header\", expected only label_size, charset as "
            "parameters of text/csv.");
  EXPECT_NE(refusal("text/cvs").find("Did you mean 'text/csv'?"), std::string::npos);
  EXPECT_NE(refusal("application/x-recordio-protobuf; label_size=1"), "accepted");
  for (const char* text :
       {"", ";", "text/csv; label_size", "text/csv; label_size=-1", "text/csv; label_size=x",
        "text/csv; label_size=1; label_size=1", "text/csv; charset=latin1",
        "application/x-recordio; label-format=hot", "application/json; verbose=maybe"}) {
    EXPECT_NE(refusal(text), "accepted") << text;
  }
}

TEST(ContentTypes, TheExtensionOfAFileTellsItsFormatUnderGzipToo) {
  EXPECT_EQ(format_of_file("a/TRAIN.CSV.gz")->format, DataFormat::Csv);
  EXPECT_EQ(format_of_file("matrix_0.pbr")->format, DataFormat::RecordIoProtobuf);
  EXPECT_EQ(format_of_file("train.rec")->format, DataFormat::RecordIo);
  EXPECT_EQ(format_of_file("part-0000"), nullptr);
}

}  // namespace
}  // namespace millrace
