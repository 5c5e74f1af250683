using System.Globalization;

namespace ActionStream.Bench.Reporting;

/// <summary>How far a measurement is, on standard error: the answer alone goes to standard output.</summary>
internal static class BenchLog
{
    public static void Write(FormattableString text) => Write(text.ToString(CultureInfo.InvariantCulture));

    public static void Write(string text) => Console.Error.WriteLine(text);
}
