using ActionStream.Core.Modelling;

namespace ActionStream.Models.Graphs;

/// <summary>Whether a graph makes scores of its logits by itself. A second softmax over scores leaves all of them alike, so that no
/// event ever starts, and nothing looks wrong.</summary>
/// <param name="Operator">Softmax, Sigmoid or LogSoftmax, behind which only the form changes; null where the graph ends in another.</param>
public sealed record GraphEnd(string? Operator)
{
    private const int MostSteps = 32;

    /// <summary>What the card has to say; null where the graph does not tell.</summary>
    public Activation? Needed => Operator switch
    {
        "Softmax" or "Sigmoid" => Activation.None,
        "LogSoftmax" => Activation.Softmax, // of logarithms of scores it is the scores
        _ => null,
    };

    /// <exception cref="OnnxFileException">The file is missing, damaged, or too large.</exception>
    public static GraphEnd Of(string path, string output) => Of(OnnxOutline.Read(path), output);

    /// <summary>What is wrong with what a card says, in words; null if nothing is.</summary>
    public string? Contradiction(Activation said) => Needed is not { } needed || said == needed ? null
        : Operator == "LogSoftmax"
            ? "the graph ends in LogSoftmax, so its answers are logarithms of scores; write softmax, which makes scores of them"
        : $"the graph itself ends in {Operator}, so its answers are scores already, and another {Word(said)} would leave all of them "
            + "alike, too low for any event; write none";

    // Softmax may stand before the mean over views or places, as in X3D: what follows is still a score.
    internal static GraphEnd Of(OnnxOutline outline, string output)
    {
        for (var steps = 0; steps < MostSteps && outline.MakerOf(output) is { Input.Length: > 0 } maker; steps++)
        {
            switch (maker.Type)
            {
                case "Softmax" or "Sigmoid" or "LogSoftmax":
                    return new(maker.Type);
                case "Identity" or "Squeeze" or "Unsqueeze" or "Reshape" or "Flatten" or "Cast" or "Transpose" or "ReduceMean"
                    or "GlobalAveragePool" or "AveragePool" or "Dropout" or "Clip" or "QuantizeLinear" or "DequantizeLinear":
                    output = maker.Input;
                    break;
                default:
                    return new((string?)null);
            }
        }

        return new((string?)null);
    }

    private static string Word(Activation activation) => activation.ToString().ToLowerInvariant();
}
