// SPDX-License-Identifier: Apache-2.0
// Prints where the fields of MovedFields.cs and Structs.cs lie in the installed FFmpeg headers. Before a new major is allowed in:
//   cc offsets.c $(pkg-config --cflags libavformat libavcodec libavutil) -o offsets && ./offsets
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/frame.h>
#include <stddef.h>
#include <stdio.h>

#define PRINT(type, field) printf("%s.%s %zu\n", #type, #field, offsetof(type, field))

int main(void)
{
    printf("libavformat %d libavcodec %d libavutil %d\n", LIBAVFORMAT_VERSION_MAJOR, LIBAVCODEC_VERSION_MAJOR, LIBAVUTIL_VERSION_MAJOR);
    // Moved between majors: MovedFields.cs.
    PRINT(AVFormatContext, flags);
    PRINT(AVFormatContext, interrupt_callback);
    PRINT(AVStream, index);
    PRINT(AVStream, codecpar);
    PRINT(AVStream, time_base);
    PRINT(AVStream, avg_frame_rate);
    PRINT(AVCodecParameters, format);
    PRINT(AVCodecParameters, width);
    PRINT(AVCodecParameters, height);
    PRINT(AVCodecContext, pkt_timebase);
    // The same in 5.1 to 7.1, and laid out in Structs.cs.
    PRINT(AVFrame, width);
    PRINT(AVFrame, format);
    PRINT(AVFrame, pts);
    PRINT(AVFrame, time_base);
    PRINT(AVPacket, pts);
    PRINT(AVPacket, flags);
    PRINT(AVPacket, duration);
    PRINT(AVPacket, time_base);
    PRINT(AVFormatContext, pb);
    PRINT(AVFormatContext, streams);
    PRINT(AVCodecParameters, extradata);
    PRINT(AVIOContext, buffer);
    return 0;
}
