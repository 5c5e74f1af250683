using System.Diagnostics.CodeAnalysis;
using ActionStream.Models.Graphs.Onnx;

namespace ActionStream.Models.Graphs;

/// <summary>In which numbers a model keeps its weights and computes. Bytes come in and float32 goes out in any.</summary>
public enum Precision
{
    /// <summary>float32 throughout.</summary>
    Fp32,

    /// <summary>Weights and sums in float16, half the memory: for GPUs. A CPU runs it, and gains nothing.</summary>
    Fp16,

    /// <summary>Products with weights in int8, everything else in float32: for CPUs and networks that are mostly products.</summary>
    [SuppressMessage("Naming", "CA1720", Justification = "the word that people type")]
    Int8,
}

/// <summary>Rewrites a finished model in another <see cref="Precision"/>.</summary>
internal static class Precisions
{
    /// <summary>Changes the model.</summary>
    public static ModelProto In(this ModelProto model, Precision precision)
    {
        switch (precision)
        {
            case Precision.Fp16:
                new PrecisionHalf(model.Graph).Rewrite();
                break;
            case Precision.Int8:
                new PrecisionInt8(model.Graph).Rewrite();
                break;
        }

        return model;
    }
}
