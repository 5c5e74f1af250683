using System.Text;
using ActionStream.Publish.Mqtt.Client;

namespace ActionStream.Unit.Publish.Mqtt.Client;

public sealed class PacketCutterTests
{
    private static byte[] Packet(byte type, params byte[][] parts)
    {
        var body = parts.SelectMany(part => part).ToArray();
        var length = new List<byte>();
        for (var left = body.Length; length.Count == 0 || left > 0; left >>= 7)
        {
            length.Add((byte)((left & 0x7F) | (left > 0x7F ? 0x80 : 0)));
        }

        return [type, .. length, .. body];
    }

    private static byte[] Text(string text) => [0, (byte)text.Length, .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)i)];

    private static async Task<byte[]> ReadAsync(PacketCutter cutter, byte[] sent, int piece)
    {
        var at = 0;
        var read = new MemoryStream();
        var buffer = new byte[4096];
        while (await cutter.ReadAsync(Source, buffer, 3, 1000, default) is > 0 and var count)
        {
            read.Write(buffer, 3, count);
        }

        return read.ToArray();

        Task<int> Source(byte[] into, int offset, int most, CancellationToken cancel)
        {
            var count = Math.Min(Math.Min(most, piece), sent.Length - at);
            sent.AsSpan(at, count).CopyTo(into.AsSpan(offset));
            at += count;
            return Task.FromResult(count);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public async Task What_is_not_too_large_passes_byte_for_byte_however_it_is_cut_in_pieces(int piece)
    {
        byte[] sent =
        [
            .. Packet(0x20, [0, 0]), .. Packet(0xD0), .. Packet(0x31, Text("a/b"), Bytes(300)), .. Packet(0x30, Text("c"), Bytes(20_000)),
            .. Packet(0x40, [0, 1]),
        ];
        Assert.Equal(sent, await ReadAsync(new(false), sent, piece));
    }

    [Theory]
    [InlineData(0x31, false, 1 << 20)]
    [InlineData(0x33, false, 1 << 20)]
    [InlineData(0x35, false, 5_000_000)]
    [InlineData(0x33, true, 1 << 20)]
    public async Task A_message_that_is_too_large_keeps_topic_number_and_the_first_of_its_payload_and_what_follows_is_whole(
        int type, bool isMqtt5, int size)
    {
        byte[][] head = [Text("actionstream/front/enabled/set"), (type & 6) != 0 ? [1, 2] : [], isMqtt5 ? [3, 0x02, 9, 9] : []];
        var (payload, next) = (Bytes(size), Packet(0x31, Text("next"), [1]));
        byte[] sent = [.. Packet((byte)type, [.. head, payload]), .. next, .. Packet((byte)type, [.. head, payload]), .. next];
        var cut = Packet((byte)type, [.. head, payload[..PacketCutter.Kept]]);
        byte[] wanted = [.. cut, .. next, .. cut, .. next];
        Assert.Equal(wanted, await ReadAsync(new(isMqtt5), sent, 65_536));
    }

    [Fact]
    public async Task A_connection_that_ends_within_a_large_message_ends_there()
    {
        var sent = Packet(0x31, Text("a"), Bytes(2_000_000));
        Assert.True((await ReadAsync(new(false), sent[..1_500_000], 65_536)).Length < 2_000);
        Assert.Empty(await ReadAsync(new(false), sent[..10], 65_536));
    }

    [Theory]
    [InlineData(new byte[] { 0x20, 0xFF, 0xFF, 0xFF, 0x7F })]
    [InlineData(new byte[] { 0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 })]
    public async Task What_is_no_message_and_huge_or_has_no_length_ends_the_connection(byte[] sent) =>
        await Assert.ThrowsAsync<IOException>(() => ReadAsync(new(false), sent, 100));
}
