namespace ActionStream.Models.Foreign;

/// <summary>Order of the axes of somebody else's clip. N batch, V views, C colours, T frames, H rows, W columns.</summary>
public enum ForeignLayout
{
    /// <summary>PyTorch's 3D networks: [N, 3, T, H, W].</summary>
    Ncthw,

    /// <summary>Video transformers of Hugging Face: [N, T, 3, H, W].</summary>
    Ntchw,

    /// <summary>TensorFlow and Flax: [N, T, H, W, 3].</summary>
    Nthwc,

    /// <summary>mmaction2's 3D recognisers: [N, V, 3, T, H, W]; the graph itself joins N and V.</summary>
    Nvcthw,

    /// <summary>mmaction2's 2D recognisers: [N, V·T, 3, H, W].</summary>
    Nvtchw,

    /// <summary>2D networks whose frames stand in the batch: [N·T, 3, H, W].</summary>
    Flatchw,
}

/// <summary>Where the axes of a <see cref="ForeignLayout"/> are.</summary>
internal static class ForeignLayouts
{
    extension(ForeignLayout layout)
    {
        public int Rank => layout switch
        {
            ForeignLayout.Flatchw => 4,
            ForeignLayout.Nvcthw => 6,
            _ => 5,
        };

        /// <summary>Axis of the colours.</summary>
        public int Colours => layout switch
        {
            ForeignLayout.Ncthw or ForeignLayout.Flatchw => 1,
            ForeignLayout.Nthwc => 4,
            _ => 2,
        };

        /// <summary>Axis of the frames; the batch's own where they share one.</summary>
        public int Frames => layout switch
        {
            ForeignLayout.Ncthw => 2,
            ForeignLayout.Nvcthw => 3,
            ForeignLayout.Flatchw => 0,
            _ => 1,
        };

        public int Rows => layout switch
        {
            ForeignLayout.Nthwc => 2,
            _ => layout.Rank - 2,
        };

        public int Columns => layout.Rows + 1;

        /// <summary>From [N, T, H, W, 3] to this order, views and joined axes aside.</summary>
        public int[] Order => layout switch
        {
            ForeignLayout.Ncthw or ForeignLayout.Nvcthw => [0, 4, 1, 2, 3],
            ForeignLayout.Nthwc => [0, 1, 2, 3, 4],
            _ => [0, 1, 4, 2, 3],
        };

        /// <summary>Axis of the colours after its `Order`.</summary>
        public int ColoursInOrder => Array.IndexOf(layout.Order, 4);
    }
}
