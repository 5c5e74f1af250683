using System.Text;
using ActionStream.Core.Configuration;

namespace ActionStream.Host.Output;

/// <summary>Stands between everything the program prints and its standard output and error: no secret that is known gets past,
/// whoever wrote the line.</summary>
internal static class Outputs
{
    private static TextWriter? _checked;

    /// <summary>Standard output for what has been looked through already, such as JSON.</summary>
    public static TextWriter Checked => _checked ?? Console.Out;

    /// <summary>From here on all that is printed is looked through.</summary>
    public static void Guard()
    {
        _checked = Console.Out;
        Console.SetOut(new Scrubbed(Console.Out));
        Console.SetError(new Scrubbed(Console.Error));
    }

    private sealed class Scrubbed(TextWriter to) : TextWriter
    {
        public override Encoding Encoding => to.Encoding;

        public override void Write(char value) => to.Write(value);

        public override void Write(string? value) => to.Write(value is null ? null : SafeUri.Scrub(value));

        public override void Write(ReadOnlySpan<char> buffer) => to.Write(SafeUri.Scrub(buffer.ToString()));

        public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

        public override void WriteLine() => to.WriteLine();

        public override void WriteLine(string? value) => to.WriteLine(value is null ? null : SafeUri.Scrub(value));

        public override void Flush() => to.Flush();
    }
}
