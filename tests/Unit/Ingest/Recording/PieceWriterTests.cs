using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Recording;

namespace ActionStream.Unit.Ingest.Recording;

/// <summary>Every piece can be played by itself.</summary>
public sealed class PieceWriterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("piece-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Parameter_sets_that_came_once_stand_in_front_of_every_later_piece()
    {
        byte[] sets = [0, 0, 1, 0x67, 0x42, 0x11, 0x22, 0, 0, 1, 0x68, 0x33];
        using (var writer = new PieceWriter(_folder, most: 100_000))
        {
            for (var second = 0; second < 4; second++)
            {
                using var packet = new Packet(8)
                {
                    Presentation = TimeSpan.FromSeconds(second),
                    IsKey = true,
                    Parameters = second < 2 ? default : sets,
                };
                packet.Bytes.Fill((byte)(0xA0 + second));
                writer.Write(Sent.H264, packet);
            }
        }

        var pieces = Directory.GetFiles(_folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes).ToArray();
        Assert.Equal([-1, -1, sets.Length, sets.Length], pieces.Select((piece, i) => piece.AsSpan().IndexOf(Picture(i)) is var picture
            && picture >= sets.Length && piece.AsSpan(picture - sets.Length, sets.Length).SequenceEqual(sets) ? sets.Length : -1));
        Assert.All(pieces.Select((piece, i) => piece.AsSpan().IndexOf(Picture(i))), at => Assert.True(at > 0));

        static byte[] Picture(int second) => [.. Enumerable.Repeat((byte)(0xA0 + second), 8)];
    }
}
