using System.Text;

namespace ActionStream.EndToEnd.Support;

/// <summary>A line that spoiled other bytes than it was told to would test something else.</summary>
public sealed class LineSpoilerTests
{
    private static readonly byte[] Answer = Encoding.ASCII.GetBytes("RTSP/1.0 200 OK\r\nContent-Length: 4\r\n\r\n$$$$");

    private static readonly byte[] Stream = [.. Answer, .. Packet(channel: 0), .. Packet(channel: 1), .. Answer, .. Packet(channel: 0)];

    [Fact]
    public void Told_nothing_it_changes_nothing() => Assert.Empty(Changed(new()));

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void A_jump_changes_the_time_of_each_rtp_packet_and_nothing_else_however_the_bytes_arrive(int piece) => Assert.Equal(
        [Answer.Length + 4 + 4, 2 * Answer.Length + 2 * 24 + 4 + 4], Changed(new() { ClockSteps = 3 }, piece));

    [Fact]
    public void Damage_stays_within_pictures() => Assert.Equal(
        [.. Enumerable.Range(Answer.Length + 4 + 12, 8), .. Enumerable.Range(2 * Answer.Length + 2 * 24 + 4 + 12, 8)],
        Changed(new() { Damage = 1 }));

    [Fact]
    public void A_torn_stream_is_torn_anywhere() => Assert.Equal(Stream.Length, Changed(new() { Tear = 1 }).Count);

    private static byte[] Packet(byte channel) => [(byte)'$', channel, 0, 20, .. new byte[20]];

    private static List<int> Changed(LineFaults faults, int piece = 16)
    {
        var bytes = (byte[])Stream.Clone();
        var spoiler = new LineSpoiler(faults, new Random(1));
        for (var at = 0; at < bytes.Length; at += piece)
        {
            spoiler.Pass(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
        }

        return [.. Enumerable.Range(0, bytes.Length).Where(i => bytes[i] != Stream[i])];
    }
}
