namespace ActionStream.Inference.Configuration;

/// <summary>How windows go through the model. The words of the setting `windows`.</summary>
public enum WindowPath
{
    /// <summary>Cached where the model allows it, else full.</summary>
    Auto,

    /// <summary>Tokens of tubelets are kept and shared by every window that holds them; the answers are the same.</summary>
    Cached,

    /// <summary>Every window whole.</summary>
    Full,
}
