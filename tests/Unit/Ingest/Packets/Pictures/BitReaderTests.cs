using ActionStream.Ingest.Packets.Pictures;

namespace ActionStream.Unit.Ingest.Packets.Pictures;

public sealed class BitReaderTests
{
    [Fact]
    public void Everything_that_is_written_is_read()
    {
        var chance = new Random(1);
        for (var round = 0; round < 200; round++)
        {
            var to = new BitWriter();
            var kinds = Enumerable.Range(0, 50).Select(_ => chance.Next(3)).ToList();
            var numbers = kinds.Select(kind => (int)(chance.Next() >> chance.Next(31))).ToList();
            foreach (var (kind, number) in kinds.Zip(numbers))
            {
                _ = kind switch { 0 => to.Bits(number, 32), 1 => to.Unsigned(number), _ => to.Signed(number / -2) };
            }

            var bits = new BitReader(BitWriter.Unit([], to.End()).AsSpan(4), isEscaped: true);
            for (var i = 0; i < kinds.Count; i++)
            {
                Assert.Equal(
                    kinds[i] == 2 ? numbers[i] / -2 : numbers[i],
                    kinds[i] switch
                    {
                        0 => (int)bits.Bits(32),
                        1 => bits.Unsigned(int.MaxValue),
                        _ => bits.Signed(int.MinValue + 1, int.MaxValue),
                    });
            }

            Assert.False(bits.HasFailed);
        }
    }

    [Fact]
    public void Past_the_end_it_fails_once_and_for_all()
    {
        var bits = new BitReader([0xFF], isEscaped: false);
        Assert.Equal(0x7Fu, bits.Bits(7));
        Assert.Equal(0u, bits.Bits(2));
        Assert.Equal(0u, bits.Bits(1));
        Assert.Equal(0, bits.Unsigned(9));
        Assert.True(bits.HasFailed);
    }

    [Theory]
    [InlineData(6, true)]
    [InlineData(5, false)]
    public void A_number_out_of_its_range_is_a_failure(int most, bool isGood)
    {
        var bits = new BitReader(new BitWriter().Unsigned(6).End(), isEscaped: false);
        Assert.Equal(isGood ? 6 : 0, bits.Unsigned(most));
        Assert.Equal(!isGood, bits.HasFailed);
    }

    [Theory]
    [InlineData("00000003", "000000")] // two escapes would need another pair of zeros
    [InlineData("0000030100000302", "00000100 0002")]
    [InlineData("000004", "000004")]
    [InlineData("0100000300000300", "010000 0000 00")]
    public void The_3_behind_two_zeros_is_passed_over(string bytes, string expected)
    {
        var bits = new BitReader(Convert.FromHexString(bytes), isEscaped: true);
        var wanted = Convert.FromHexString(expected.Replace(" ", "", StringComparison.Ordinal));
        var read = new List<byte>();
        while (read.Count < wanted.Length && (byte)bits.Bits(8) is var value && !bits.HasFailed)
        {
            read.Add(value);
        }

        Assert.Equal(bytes == "00000003" ? wanted[..2] : wanted, read);
    }

    [Fact]
    public void The_next_start_code_is_the_end()
    {
        var bits = new BitReader([7, 0, 0, 1, 9], isEscaped: true);
        Assert.Equal(7u, bits.Bits(8));
        Assert.Equal(0u, bits.Bits(16));
        bits.Bits(8);
        Assert.True(bits.HasFailed);
    }
}
