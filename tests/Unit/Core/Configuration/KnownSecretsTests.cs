using System.Diagnostics;
using System.Text;
using System.Text.Json;
using ActionStream.Core.Configuration;

namespace ActionStream.Unit.Core.Configuration;

public sealed class KnownSecretsTests
{
    [Theory]
    [InlineData("zq#4/Rt?9", "login zq#4/Rt?9 refused")]
    [InlineData("zq#4/Rt?9", "login zq%234%2FRt%3F9 refused")]
    [InlineData("zq#4/Rt?9", "login zq%234/Rt%3f9 refused")]
    [InlineData("zq%234%2FRt%3F9", "login zq#4/Rt?9 refused")]
    [InlineData("zq\"x\\y<w", """login zq\"x\\y\u003cw refused""")]
    [InlineData("zqé😀wd", "login zq%C3%A9%F0%9F%98%80wd refused")]
    [InlineData("pass phrase zq", "login pass+phrase%20zq refused")]
    [InlineData("100%zq%%", "login 100%25zq%%25 refused")]
    public void A_secret_is_hidden_whatever_its_spelling(string secret, string text)
    {
        KnownSecrets.Learn(secret);
        Assert.Equal("login *** refused", KnownSecrets.Mask(text));
    }

    [Fact]
    public void Any_mixture_of_spellings_hides_any_secret()
    {
        var random = new Random(14);
        const string Letters = "abcXYZ0189 #/?@:&%+=!$'()*,;[]~\"\\<>äé😀";
        var runes = Letters.EnumerateRunes().ToArray();
        for (var round = 0; round < 3000; round++)
        {
            var secret = "Zk" + string.Concat(Enumerable.Range(0, random.Next(6, 20)).Select(_ => runes[random.Next(runes.Length)])) + "kZ";
            KnownSecrets.Learn(secret);
            var spelt = string.Concat(secret.EnumerateRunes().Select(letter => random.Next(4) switch
            {
                0 => string.Concat(Encoding.UTF8.GetBytes(letter.ToString()).Select(part => $"%{part:X2}")),
                1 => string.Concat(Encoding.UTF8.GetBytes(letter.ToString()).Select(part => $"%{part:x2}")),
                2 => JsonSerializer.Serialize(letter.ToString())[1..^1],
                _ => letter.ToString(),
            }));
            var masked = SafeUri.Scrub($"at rtsp://10.0.0.9/live/{spelt}/main said {spelt}");
            Assert.True(!masked.Contains(spelt, StringComparison.Ordinal), $"{secret} as {spelt} stayed in: {masked}");
        }
    }

    [Fact]
    public void A_password_like_a_word_of_the_log_does_not_blank_it_out()
    {
        foreach (var word in (string[])["a", "admin", "1234", "camera", "rtsp"])
        {
            KnownSecrets.Learn(word);
        }

        const string Line = "camera a: rtsp refused admin after 1234 ms";
        Assert.Equal(Line, SafeUri.Scrub(Line));
        Assert.Equal("rtsp://***@cam/x?password=***", SafeUri.Of("rtsp://admin:1234@cam/x?password=admin"));
    }

    [Fact]
    public void A_short_secret_is_hidden_as_a_word_and_not_within_words()
    {
        KnownSecrets.Learn("wqe7");
        Assert.Equal("is *** or %3A***%40, not awqe7b", KnownSecrets.Mask("is wqe7 or %3Awqe7%40, not awqe7b"));
    }

    [Fact]
    public void Thousands_of_secrets_cost_a_line_of_the_log_milliseconds_at_most()
    {
        for (var i = 0; i < 1000; i++)
        {
            SafeUri.Of($"rtsp://admin:{(char)('a' + (i % 26))}Zcost{i:d4}@10.0.{i / 250}.{i % 250}/live");
        }

        var line = string.Concat(Enumerable.Repeat("cam17: connection 3 lost: rtsp://10.0.0.9/live did not answer in time; ", 3));
        var since = Stopwatch.GetTimestamp();
        for (var i = 0; i < 100; i++)
        {
            _ = SafeUri.Scrub(line);
        }

        var took = Stopwatch.GetElapsedTime(since) / 100;
        Assert.True(took < TimeSpan.FromMilliseconds(20), $"{took.TotalMicroseconds:0} us for a line");
    }

    [Fact]
    public void The_beginning_of_a_secret_at_a_cut_is_hidden()
    {
        KnownSecrets.Learn("correct-horse-zq");
        Assert.Equal("line ends in ***", KnownSecrets.Mask("line ends in correct-ho", isCut: true));
    }
}
