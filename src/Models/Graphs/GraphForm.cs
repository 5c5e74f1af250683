namespace ActionStream.Models.Graphs;

/// <summary>Which of several equal ways of writing a layer a graph uses. Every form runs anywhere that knows its
/// operators; they differ in speed.</summary>
/// <remarks>
/// Measured with ONNX Runtime 1.29 on two cores of an AMD EPYC (AVX-512), one thread, factorised
/// TokenLearner ViViT, best of many runs in ms:
/// <code>
///                                                       mini    ti     s
/// LayerNormalization, plain attention                   6.8    75.5
/// InstanceNormalization, plain attention                5.4    64.3  214
/// InstanceNormalization, com.microsoft attention        5.4    63.3  212
/// InstanceNormalization, Attention of opset 23          5.4    63.2  212
/// </code>
/// ONNX Runtime's LayerNormalization adds up number by number and takes a fifth of a whole run; its InstanceNormalization,
/// which is the same arithmetic when tokens stand where channels stand, uses vector instructions.
/// </remarks>
public enum GraphForm
{
    /// <summary>Quickest on a CPU: norms as InstanceNormalization, attention as com.microsoft.MultiHeadAttention,
    /// convolutions as Layers/ConvForms chooses.</summary>
    Cpu,

    /// <summary>For a GPU, where norms are one kernel anyway: LayerNormalization, com.microsoft.MultiHeadAttention.</summary>
    Gpu,

    /// <summary>ONNX's own operators only, each layer as its textbook writes it, with all of its
    /// tokens: what published counts count.</summary>
    Portable,
}
