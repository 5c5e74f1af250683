using System.Globalization;

namespace ActionStream.Bench.Reporting;

/// <summary>What a figure must come to for the verb to succeed.</summary>
/// <param name="Figure">Its key in the report.</param>
internal sealed record Threshold(string Figure, double Measured, double Limit, bool IsAtMost)
{
    public bool Holds => IsAtMost ? Measured <= Limit : Measured >= Limit;

    public static Threshold AtMost(string figure, double measured, double limit) => new(figure, measured, limit, IsAtMost: true);

    public static Threshold AtLeast(string figure, double measured, double limit) => new(figure, measured, limit, IsAtMost: false);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Figure} is {Measured}, expected {(IsAtMost ? "at most" : "at least")} {Limit}: {(Holds ? "holds" : "MISSED")}");
}
