#include "manifest/mpd.h"

#include <gtest/gtest.h>

#include "presentations.h"

namespace streamgear {
namespace {

using test::AudioTrack;
using test::kSixOClock;
using test::Segments;
using test::VideoTrack;

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// 29.97 fps, two renditions at the full rate and one at half of it, on a finer timescale.
PresentationModel Vod() {
  PresentationModel presentation;
  presentation.ended = true;
  presentation.segment_duration = 4;
  presentation.max_segment_duration = 4.004;
  presentation.display_aspect_ratio = {16, 9};
  TrackModel high = VideoTrack("0", 1280, 720, 3'000'000);
  high.frame_rate = {30000, 1001};
  high.segments = Segments(1, 0, {360360, 360360, 360360, 48048}, "chunk-stream0-", ".m4s");
  TrackModel middle = VideoTrack("1", 854, 480, 1'500'000);
  middle.codecs = "avc1.64001f";
  middle.frame_rate = {60000, 2002};
  middle.sample_aspect_ratio = {1280, 1281};
  middle.segments = Segments(1, 0, {360360, 360360, 360360, 48048}, "chunk-stream1-", ".m4s");
  TrackModel low = VideoTrack("2", 320, 240, 300'000);
  low.codecs = "avc1.64000d";
  low.frame_rate = {15000, 1001};
  low.sample_aspect_ratio = {4, 3};
  low.timescale = 15000;
  low.segments = Segments(1, 0, {60060, 60060, 60060, 8008}, "chunk-stream2-", ".m4s");
  presentation.tracks = {high, middle, low};
  return presentation;
}

TEST(Mpd, VodOfThreeRenditions) {
  EXPECT_EQ(WriteMpd(Vod()), R"(<?xml version="1.0" encoding="utf-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" type="static" mediaPresentationDuration="PT12.545867S" maxSegmentDuration="PT4.004S" minBufferTime="PT4.004S">
  <Period id="0" start="PT0S">
    <AdaptationSet id="0" contentType="video" segmentAlignment="true" startWithSAP="1" par="16:9" maxWidth="1280" maxHeight="720" maxFrameRate="30000/1001">
      <Representation id="0" mimeType="video/mp4" codecs="avc1.640028" bandwidth="3000000" width="1280" height="720" sar="1:1" frameRate="30000/1001">
        <SegmentTemplate timescale="90000" initialization="init-stream$RepresentationID$.m4s" media="chunk-stream$RepresentationID$-$Number%05d$.m4s" startNumber="1">
          <SegmentTimeline>
            <S t="0" d="360360" r="2"/>
            <S d="48048"/>
          </SegmentTimeline>
        </SegmentTemplate>
      </Representation>
      <Representation id="1" mimeType="video/mp4" codecs="avc1.64001f" bandwidth="1500000" width="854" height="480" sar="1280:1281" frameRate="30000/1001">
        <SegmentTemplate timescale="90000" initialization="init-stream$RepresentationID$.m4s" media="chunk-stream$RepresentationID$-$Number%05d$.m4s" startNumber="1">
          <SegmentTimeline>
            <S t="0" d="360360" r="2"/>
            <S d="48048"/>
          </SegmentTimeline>
        </SegmentTemplate>
      </Representation>
      <Representation id="2" mimeType="video/mp4" codecs="avc1.64000d" bandwidth="300000" width="320" height="240" sar="4:3" frameRate="15000/1001">
        <SegmentTemplate timescale="15000" initialization="init-stream$RepresentationID$.m4s" media="chunk-stream$RepresentationID$-$Number%05d$.m4s" startNumber="1">
          <SegmentTimeline>
            <S t="0" d="60060" r="2"/>
            <S d="8008"/>
          </SegmentTimeline>
        </SegmentTemplate>
      </Representation>
    </AdaptationSet>
  </Period>
</MPD>
)");
}

/// A window of three segments, with a shorter one and a gap of 0.4 s in it.
PresentationModel Live() {
  PresentationModel presentation;
  presentation.live = true;
  presentation.segment_duration = 2;
  presentation.max_segment_duration = 2.04;
  presentation.availability_start_time = kSixOClock;
  presentation.publish_time = kSixOClock + 20.125;
  presentation.manifest_name = "live one.mpd";
  presentation.time_shift_buffer_depth = 10;
  presentation.display_aspect_ratio = {1920, 1080};
  TrackModel video = VideoTrack("0", 640, 360, 1'000'000);
  video.segments = Segments(6, 900'000, {180'000, 180'000, 144'000}, "chunk-stream0-", ".m4s");
  const auto after_gap = Segments(9, 1'440'000, {180'000, 180'000}, "chunk-stream0-", ".m4s");
  video.segments.insert(video.segments.end(), after_gap.begin(), after_gap.end());
  TrackModel audio = AudioTrack("1");
  audio.language = "en";
  audio.segments = Segments(6, 480'256, {96'256, 95'232, 96'256, 96'256}, "chunk-stream1-", ".m4s");
  presentation.tracks = {video, audio};
  return presentation;
}

TEST(Mpd, LiveInTheMiddle) {
  EXPECT_EQ(WriteMpd(Live()), R"(<?xml version="1.0" encoding="utf-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" type="dynamic" availabilityStartTime="2026-11-20T06:00:00.000Z" publishTime="2026-11-20T06:00:20.125Z" minimumUpdatePeriod="PT2S" timeShiftBufferDepth="PT10S" suggestedPresentationDelay="PT6S" maxSegmentDuration="PT2.04S" minBufferTime="PT2.04S">
  <Period id="0" start="PT0S">
    <AdaptationSet id="0" contentType="video" segmentAlignment="true" startWithSAP="1" par="16:9" maxWidth="640" maxHeight="360" maxFrameRate="25">
      <Representation id="0" mimeType="video/mp4" codecs="avc1.640028" bandwidth="1000000" width="640" height="360" sar="1:1" frameRate="25">
        <SegmentTemplate timescale="90000" initialization="init-stream$RepresentationID$.m4s" media="chunk-stream$RepresentationID$-$Number%05d$.m4s" startNumber="6">
          <SegmentTimeline>
            <S t="900000" d="180000" r="1"/>
            <S d="144000"/>
            <S t="1440000" d="180000" r="1"/>
          </SegmentTimeline>
        </SegmentTemplate>
      </Representation>
    </AdaptationSet>
    <AdaptationSet id="1" contentType="audio" lang="en" segmentAlignment="true" startWithSAP="1">
      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
      <Representation id="1" mimeType="audio/mp4" codecs="mp4a.40.2" bandwidth="130000" audioSamplingRate="48000">
        <AudioChannelConfiguration schemeIdUri="urn:mpeg:dash:23003:3:audio_channel_configuration:2011" value="2"/>
        <SegmentTemplate timescale="48000" initialization="init-stream$RepresentationID$.m4s" media="chunk-stream$RepresentationID$-$Number%05d$.m4s" startNumber="6">
          <SegmentTimeline>
            <S t="480256" d="96256"/>
            <S d="95232"/>
            <S d="96256" r="1"/>
          </SegmentTimeline>
        </SegmentTemplate>
      </Representation>
    </AdaptationSet>
  </Period>
  <UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-head:2014" value="live%20one.mpd"/>
  <UTCTiming schemeIdUri="urn:mpeg:dash:utc:direct:2014" value="2026-11-20T06:00:20.125Z"/>
</MPD>
)");
}

TEST(Mpd, CopiedVideoMayBeginWithLeadingPictures) {
  PresentationModel presentation = Live();
  presentation.independent_segments = false;
  const std::string text = WriteMpd(presentation);
  EXPECT_NE(text.find("contentType=\"video\" segmentAlignment=\"true\" startWithSAP=\"3\""),
            std::string::npos);
  EXPECT_NE(text.find("lang=\"en\" segmentAlignment=\"true\" startWithSAP=\"1\""),
            std::string::npos);
}

TEST(Mpd, LiveThatHasEndedIsStaticAndListsTheLastWindow) {
  PresentationModel presentation = Live();
  presentation.ended = true;
  EXPECT_EQ(WriteMpd(presentation), R"(<?xml version="1.0" encoding="utf-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" type="static" mediaPresentationDuration="PT20S" maxSegmentDuration="PT2.04S" minBufferTime="PT2.04S">
  <Period id="0" start="PT0S">
    <AdaptationSet id="0" contentType="video" segmentAlignment="true" startWithSAP="1" par="16:9" maxWidth="640" maxHeight="360" maxFrameRate="25">
      <Representation id="0" mimeType="video/mp4" codecs="avc1.640028" bandwidth="1000000" width="640" height="360" sar="1:1" frameRate="25">
        <SegmentTemplate timescale="90000" initialization="init-stream$RepresentationID$.m4s" media="chunk-stream$RepresentationID$-$Number%05d$.m4s" startNumber="6">
          <SegmentTimeline>
            <S t="900000" d="180000" r="1"/>
            <S d="144000"/>
            <S t="1440000" d="180000" r="1"/>
          </SegmentTimeline>
        </SegmentTemplate>
      </Representation>
    </AdaptationSet>
    <AdaptationSet id="1" contentType="audio" lang="en" segmentAlignment="true" startWithSAP="1">
      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
      <Representation id="1" mimeType="audio/mp4" codecs="mp4a.40.2" bandwidth="130000" audioSamplingRate="48000">
        <AudioChannelConfiguration schemeIdUri="urn:mpeg:dash:23003:3:audio_channel_configuration:2011" value="2"/>
        <SegmentTemplate timescale="48000" initialization="init-stream$RepresentationID$.m4s" media="chunk-stream$RepresentationID$-$Number%05d$.m4s" startNumber="6">
          <SegmentTimeline>
            <S t="480256" d="96256"/>
            <S d="95232"/>
            <S d="96256" r="1"/>
          </SegmentTimeline>
        </SegmentTemplate>
      </Representation>
    </AdaptationSet>
  </Period>
</MPD>
)");
}

TEST(Mpd, TheClockMayBeAUrl) {
  PresentationModel presentation = Live();
  presentation.utc_timing_url = "https://time.example/?iso&ms";
  EXPECT_TRUE(Contains(WriteMpd(presentation),
                       "  </Period>\n"
                       "  <UTCTiming schemeIdUri=\"urn:mpeg:dash:utc:http-xsdate:2014\" "
                       "value=\"https://time.example/?iso&amp;ms\"/>\n</MPD>\n"));
}

TEST(Mpd, TheDelayFitsIntoTheWindow) {
  PresentationModel presentation = Live();
  presentation.time_shift_buffer_depth = 4;
  EXPECT_TRUE(Contains(WriteMpd(presentation), "suggestedPresentationDelay=\"PT4S\""));
  presentation.time_shift_buffer_depth = 0;  // nothing is ever deleted
  const std::string text = WriteMpd(presentation);
  EXPECT_TRUE(Contains(text, "suggestedPresentationDelay=\"PT6S\""));
  EXPECT_FALSE(Contains(text, "timeShiftBufferDepth"));
}

TEST(Mpd, NoSegmentIsLongerThanTheLongest) {
  PresentationModel presentation = Live();
  presentation.max_segment_duration = 2;
  presentation.tracks[0].segments.back().duration = 180'001;  // 2.0000111… s
  const std::string text = WriteMpd(presentation);
  EXPECT_TRUE(Contains(text, "maxSegmentDuration=\"PT2.005334S\""));  // the audio's 96256 / 48000
  presentation.max_segment_duration = 3.5;                            // of one that is gone
  EXPECT_TRUE(Contains(WriteMpd(presentation), "maxSegmentDuration=\"PT3.5S\""));
}

TEST(Mpd, WithoutTimelineTheStartNumberIsThatOfTimeZero) {
  PresentationModel presentation = Live();
  presentation.use_timeline = false;
  presentation.tracks.resize(1);
  const std::string text = WriteMpd(presentation);
  EXPECT_TRUE(Contains(text,
                       "<SegmentTemplate timescale=\"90000\" duration=\"180000\" "
                       "initialization=\"init-stream$RepresentationID$.m4s\" "
                       "media=\"chunk-stream$RepresentationID$-$Number%05d$.m4s\" "
                       "startNumber=\"1\"/>\n"));
  EXPECT_FALSE(Contains(text, "SegmentTimeline"));
}

TEST(Mpd, SegmentList) {
  PresentationModel presentation = Vod();
  presentation.use_template = false;
  presentation.tracks.resize(1);
  EXPECT_TRUE(Contains(WriteMpd(presentation), R"(
        <SegmentList timescale="90000" duration="360360">
          <Initialization sourceURL="init-stream0.m4s"/>
          <SegmentURL media="chunk-stream0-1.m4s"/>
          <SegmentURL media="chunk-stream0-2.m4s"/>
          <SegmentURL media="chunk-stream0-3.m4s"/>
          <SegmentURL media="chunk-stream0-4.m4s"/>
        </SegmentList>
)"));
}

/// ISO/IEC 23009-1 section 8: the live profile has templates only.
TEST(Mpd, TheProfileIsThatOfItsSegments) {
  PresentationModel presentation = Vod();
  EXPECT_TRUE(
      Contains(WriteMpd(presentation), "profiles=\"urn:mpeg:dash:profile:isoff-live:2011\""));
  presentation.use_template = false;
  EXPECT_TRUE(
      Contains(WriteMpd(presentation), "profiles=\"urn:mpeg:dash:profile:isoff-main:2011\""));
}

TEST(Mpd, SegmentListHasATimelineWhereADurationWouldNotBeTrue) {
  PresentationModel presentation = Vod();
  presentation.use_template = false;
  presentation.tracks.resize(1);
  EXPECT_FALSE(Contains(WriteMpd(presentation), "SegmentTimeline"));
  presentation.tracks[0].segments.erase(presentation.tracks[0].segments.begin());
  const std::string moved = WriteMpd(presentation);
  EXPECT_TRUE(Contains(moved, "<SegmentList timescale=\"90000\">"));
  EXPECT_TRUE(Contains(moved, "<S t=\"360360\" d=\"360360\" r=\"1\"/>"));
}

TEST(Mpd, AListOfAudioHasItsAverageDuration) {
  PresentationModel presentation = Vod();
  presentation.use_template = false;
  TrackModel audio = AudioTrack("3");
  // Cut where the video is, every 4.004 s, to whole frames of 1024 samples.
  audio.segments = Segments(1, 0, {192'512, 191'488, 192'512, 26'112}, "a", ".m4s");
  presentation.tracks = {audio};
  EXPECT_TRUE(
      Contains(WriteMpd(presentation), "<SegmentList timescale=\"48000\" duration=\"192170\">"));
  presentation.tracks[0].segments[2].start += 48'000;  // a gap
  EXPECT_TRUE(Contains(WriteMpd(presentation), "<S t=\"432000\" d=\"192512\"/>"));
}

std::size_t Count(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST(Mpd, CodecFamiliesAndLanguagesAreSetsOfTheirOwn) {
  PresentationModel presentation = Vod();
  presentation.tracks[1].codecs = "hvc1.1.6.L93.90";
  TrackModel english = AudioTrack("3");
  english.language = "en";
  TrackModel german = AudioTrack("4");
  german.language = "de";
  german.name = "Ton & Bild";
  presentation.tracks.push_back(english);
  presentation.tracks.push_back(german);
  const std::string text = WriteMpd(presentation);
  EXPECT_EQ(Count(text, "<AdaptationSet "), 4u);
  EXPECT_EQ(Count(text, "value=\"main\""), 1u);
  EXPECT_EQ(Count(text, "value=\"alternate\""), 1u);
  EXPECT_EQ(Count(text, "<Representation "), 5u);
  EXPECT_TRUE(Contains(text, "<AdaptationSet id=\"3\" contentType=\"audio\" lang=\"de\""));
  EXPECT_EQ(Count(text, "<Label>"), 1u);
  EXPECT_TRUE(Contains(text, "<Label>Ton &amp; Bild</Label>\n      <Role "));
  // The first set holds the two H.264 tracks, though another lies between them.
  const std::string first = text.substr(0, text.find("</AdaptationSet>"));
  EXPECT_TRUE(Contains(first, "id=\"0\" mimeType"));
  EXPECT_TRUE(Contains(first, "id=\"2\" mimeType"));
  EXPECT_FALSE(Contains(first, "id=\"1\" mimeType"));
}

TEST(Mpd, AudioOfOneCodecAndLanguageIsOneSet) {
  PresentationModel presentation = Vod();
  presentation.tracks = {presentation.tracks[0], AudioTrack("1"), AudioTrack("2"), AudioTrack("3")};
  presentation.tracks[3].codecs = "mp4a.6B";  // MP3: no player switches to it from AAC
  presentation.tracks[3].channel_configuration = 0;
  const std::string text = WriteMpd(presentation);
  EXPECT_EQ(Count(text, "<AdaptationSet "), 3u);
  EXPECT_EQ(Count(text, "<AudioChannelConfiguration "), 2u);
}

TEST(Mpd, TheEndIsThatOfTheVideo) {
  PresentationModel presentation = Vod();
  TrackModel audio = AudioTrack("3");
  audio.segments = Segments(1, 0, {192'512, 192'512, 192'512, 30'720}, "a", ".m4s");  // 12.67 s
  presentation.tracks.push_back(audio);
  EXPECT_TRUE(Contains(WriteMpd(presentation), "mediaPresentationDuration=\"PT12.545867S\""));
  presentation.tracks.erase(presentation.tracks.begin(), presentation.tracks.begin() + 3);
  EXPECT_TRUE(Contains(WriteMpd(presentation), "mediaPresentationDuration=\"PT12.672S\""));
}

TEST(Mpd, WhatIsUnknownIsNotStated) {
  PresentationModel presentation = Vod();
  presentation.display_aspect_ratio = {0, 1};
  presentation.tracks.resize(1);
  presentation.tracks[0].frame_rate = {0, 1};
  presentation.tracks[0].sample_aspect_ratio = {0, 1};
  presentation.tracks[0].codecs = "";
  const std::string text = WriteMpd(presentation);
  for (const char* name : {" par=", "rameRate=", " sar=", "codecs=", " lang="}) {
    EXPECT_FALSE(Contains(text, name)) << name;
  }
}

TEST(Mpd, NamesAreEscapedAsUrisAndAsXml) {
  PresentationModel presentation = Vod();
  presentation.tracks.resize(1);
  presentation.tracks[0].media_template = "a&b c$RepresentationID$-$Number%05d$\".m4s";
  EXPECT_TRUE(Contains(WriteMpd(presentation),
                       "media=\"a&amp;b%20c$RepresentationID$-$Number%05d$%22.m4s\""));
}

TEST(Mpd, ATrackWithoutSegmentsIsSurvived) {
  PresentationModel presentation = Vod();
  presentation.tracks[0].segments.clear();
  const std::string text = WriteMpd(presentation);
  EXPECT_EQ(Count(text, "<Representation "), 3u);
  EXPECT_TRUE(Contains(text, "mediaPresentationDuration=\"PT12.545867S\""));
}

}  // namespace
}  // namespace streamgear
